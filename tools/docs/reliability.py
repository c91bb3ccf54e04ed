"""Page of the results of long tests, written from `docs/reliability.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.reference.markdown import NOTE, join_paragraphs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ABOUT = """Long tests record their results in `docs/reliability.json`; this page shows them. Each command below repeats
one. A life that fails prints its seed: `python -m tools.soak --seed N` lives it again, with the same steps, faults and
crash points."""
LIMITS = """- Rows of the state store (`ops`) have no checksum: a flipped bit in one of their values can stay unnoticed,
  or end `verify` with an error that names no file. One in a commit before
  the last can stay unnoticed, too, where it changes a value and not the form.
- Where the clock of the machine is set back, runs keep their order, but `maintain restore --at` goes back to the moment
  before, with whole runs. Decisions about quarantined records that were made after it then stay.
- A Spark server that is not the local one, and one with a catalog, may still commit the query of a process that was
  killed, beside the next run. A local server is told to end it.
- A Spark server keeps a Python process of some 40 MB for each session that used one, until it is stopped
  (SPARK-54055): `shoplake spark stop`.
- Sail keeps 5 to 10 MB for each run that writes all tables, until its process ends. `shoplake run --watch` therefore
  [starts its process again](how-to/watch-a-folder.md); a program that calls `Lake.watch` has to do so itself."""
EARLIER = """No version is released yet: there is no tag. `tests/soak/golden` keeps small lakes that the code of earlier
commits made, chosen where the state store gained tables: before definitions were recorded, before costs and incidents
were, and with all tables of now. Each is opened, verified, planned, applied and run by the tests, and
is then a fresh build of its files. A lake of format 1 is kept too: each command refuses
it, says what to do, and changes no file. It is built anew.
`python -m tools.soak.golden --commit C` packs another."""
EQUAL = "equal"
"""How the reason of a mutant begins that does what the code does."""
NOT_NOTICED = "no test that it met notices it"
LIVES = (
    "A life is a lake of every write mode on which random steps are done, with faults. After each step every table "
    "is what a model in plain Python says; at the end `verify` finds nothing. `make soak`"
)
SHOP_LIVES = (
    "A life is a lake of shoplake's own tables, every third one of all of them. Small files of every stream land in "
    "random order, grow, change and are deleted. The shop changes its settings, its rules and gates and tables of its "
    "own, and runs are stopped by them. At the end each row of silver and gold is that of a fresh lake that "
    "gets the same records in other runs, and the quarantines have the same records; events, visits, orders and rates "
    "are what plain Python makes of the records. `python -m tools.soak --world shop`"
)
SIGNAL_LIVES = (
    "The same lakes. The command of most steps is one of the command line in a process of its own, which gets SIGINT "
    "or SIGTERM near a crash point, sometimes twice. It ends with 130 or 143 without a traceback, and leaves neither "
    "the mark of a run nor the lease; the step is then done once more. `python -m tools.soak --world signals`"
)
FOREIGN_LIVES = (
    "The feed is one of Shopify, WooCommerce or Segment: bodies and pages of their APIs. The money of each order and "
    "refund is worked out in plain Python, too. `python -m tools.soak --world foreign`"
)
FEEDS_LIVES = (
    "Two feeds, of the native format, Shopify, WooCommerce or Segment, have the same names of files, ids and times, in "
    "other time zones and currencies. Each row is that of one of two fresh lakes, which have one of the feeds each. "
    "`python -m tools.soak --world feeds`"
)
EXPORT_LIVES = (
    "Orders are the CSV that Shopify's admin exports, again and again in another state, with rows cut between two "
    "files. The money of each order is that of the export which came last. `python -m tools.soak --world export`"
)
OUTCOMES = ("killed", "timed out", "crashed", "survived", "unreachable")


def reliability_page(results: Mapping[str, Any]) -> str:
    """Write the page; a section without results says so."""
    return join_paragraphs(
        "# Reliability",
        NOTE,
        ABOUT,
        "## Lives from seeds",
        _lives(LIVES, results.get("soak")),
        "### With signals",
        _lives(SIGNAL_LIVES, results.get("soak_signals")),
        "## Lives of a shop",
        _lives(SHOP_LIVES, results.get("soak_shop")),
        "### Of foreign formats",
        _lives(FOREIGN_LIVES, results.get("soak_foreign")),
        "### Of two feeds",
        _lives(FEEDS_LIVES, results.get("soak_feeds")),
        "### Of exports",
        _lives(EXPORT_LIVES, results.get("soak_export")),
        "## Kills of each command",
        _kills(results.get("kill_sweep")),
        _kills_on_spark(results.get("kill_sweep_spark")),
        "## Power cuts",
        _power_cuts(results.get("power_cuts")),
        "## Flipped bits",
        _bit_rot(results.get("bit_rot")),
        "## Mutants",
        _mutants(results.get("mutants")),
        "## Lakes of earlier versions",
        EARLIER,
        "## Known limits",
        LIMITS,
    )


def _lives(about: str, section: Mapping[str, Any] | None) -> str:
    """Describe the simulated lives: how many, what happened in them, how long they took, which failed."""
    if section is None:
        return f"{about}\n\nNo results yet."
    kills = section["kills"]
    failed = ", ".join(map(str, section.get("failed", []))) or "none"
    rows = [
        ("lives", f"{section['lives']:,} × {section['steps_per_life']} steps"),
        ("seeds that failed", failed),
        ("kills", f"{sum(kills.values()):,} at {len(kills)} crash points"),
        ("hours of CPU time", f"{section['cpu_seconds'] / 3600:.2f}"),
        ("recorded", section["recorded_on"]),
    ]
    steps = _table(("step or fault", "times"), [(name, f"{count:,}") for name, count in section["steps"].items()])
    return join_paragraphs(about, _table(("", "result"), rows), steps)


def _kills(section: Mapping[str, Any] | None) -> str:
    about = (
        "Each command that writes is killed each time that it reaches a crash point, and repeated in what is on the "
        "disk then. Tables, quarantines, changelogs and output are then what an uninterrupted command makes of them. "
        "Where no file changes from one crash point to the next, one kill stands for both. "
        "`python -m tools.soak kills`"
    )
    return f"{about}\n\n{_kill_counts(section)}"


def _kills_on_spark(section: Mapping[str, Any] | None) -> str:
    about = (
        "The same on the local Spark server, with a lake for each family of tables: `marks` has rows that are "
        "appended, merged, built by session and overwritten, `prices` a history, `receipts` documents. The server "
        "stays up, as it does when a command is killed. `python -m tools.soak kills --engine spark`"
    )
    return f"{about}\n\n{_kill_counts(section)}"


def _kill_counts(section: Mapping[str, Any] | None) -> str:
    if section is None:
        return "No results yet."
    commands, fields = section["commands"], ("points", "times", "disks", "kills")
    rows = [(f"`{name}`", *(f"{each[field]:,}" for field in fields)) for name, each in commands.items()]
    kills, times = (sum(each[field] for each in commands.values()) for field in ("kills", "times"))
    total = f"{kills:,} kills; crash points were reached {times:,} times. Recorded on {section['recorded_on']}."
    total = f"{total} Fewer kills than states of the disk are spread evenly. A command without a row was not swept."
    head = ("command", "crash points", "times reached", "states of the disk", "kills")
    return join_paragraphs(_table(head, rows), total)


def _power_cuts(section: Mapping[str, Any] | None) -> str:
    about = (
        "The power is cut at each crash point of each command that writes, and after the command. Once "
        "every file and every name in a folder that was not flushed is lost. Once each of them is lost, empty, cut off "
        "after 4 KiB or whole, by chance. The command is repeated: the lake is then what an uninterrupted command "
        "makes of it, and `verify` finds nothing. What a command wrote that had ended is there before the repetition. "
        "An export and a file of metrics are the old or the new whole one after the cut, and nothing is left beside it "
        "after the repetition. "
        "`python -m tools.soak power-cuts`"
    )
    if section is None:
        return f"{about}\n\nNo results yet."
    commands = section["commands"]
    rows = [(f"`{name}`", str(each["lost"]), str(each["torn"]), str(each["points"])) for name, each in commands.items()]
    cuts = sum(each["lost"] + each["torn"] for each in commands.values())
    total = f"{cuts:,} cuts, recorded on {section['recorded_on']}."
    total = f"{total} Fewer cuts than crash points are spread evenly. A command without a row was not swept."
    return join_paragraphs(about, _table(("command", "lost", "torn", "crash points"), rows), total)


def _bit_rot(section: Mapping[str, Any] | None) -> str:
    about = (
        "One bit of one file of a small lake is flipped. `verify` names it, or every row is the same. "
        "`python -m tools.soak bit-rot`"
    )
    if section is None:
        return f"{about}\n\nNo results yet."
    rows = [(*name.split(", "), f"{count:,}") for name, count in section["outcomes"].items()]
    total = f"{section['flips']:,} flips, recorded on {section['recorded_on']}."
    return join_paragraphs(about, _table(("files", "outcome", "flips"), rows), total)


def _mutants(section: Mapping[str, Any] | None) -> str:
    about = (
        "One operator, condition, constant, call or result of a function is changed; some test has to notice. "
        "Not changed are docstrings, annotations, errors, log lines, and sentences that people read. "
        "`python -m tools.mutants`"
    )
    if section is None:
        return f"{about}\n\nNo results yet."
    rows, survivors, reasons = list[tuple[str, ...]](), list[tuple[str, str]](), section["reasons"]
    for target, counts in section["targets"].items():
        judged = sum(counts.get(outcome, 0) for outcome in OUTCOMES[:4])
        noticed = judged - counts.get("survived", 0)
        equal = sum(reasons.get(name, "").startswith(EQUAL) for name in counts["survivors"])
        share = f"{noticed / (judged - equal):.0%}" if judged > equal else ""
        numbers = (counts["mutants"], judged, noticed, equal)
        rows.append((f"`{target}`", *(f"{number:,}" for number in numbers), share))
        survivors += [(name, reasons.get(name, NOT_NOTICED)) for name in counts["survivors"]]
    table = _table(("code", "mutants", "judged", "noticed", "equal", "share"), rows)
    listed = [(f"`{name.replace('|', chr(92) + '|')}`", reason) for name, reason in survivors]
    date = (
        "A verdict stands as long as the code of the function does. What no running process can have is not judged: a "
        "constructor without its call of `super`. A mutant meets the quick tests that come to its statement, the "
        "likeliest first. An equal one does what the code does: no test can notice it. The share is of the others. "
        f"Recorded on {section['recorded_on']}. Those that survive:"
    )
    return join_paragraphs(about, table, date, _table(("mutant", "why"), listed))


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
