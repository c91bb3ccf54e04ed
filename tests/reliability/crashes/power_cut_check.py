"""What must hold of a lake after a power cut: no wrong answer without an error, and one run mends it.

As a command, cuts the power once per seed and records what came of it, from where an earlier call ended:
`PYTHONPATH=.:tests python -m tests.reliability.crashes.power_cut_check FILE`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake.engine.storage.durability.damaged_tail import recover_tails
from shoplake.engine.storage.durability.durable_heads import read_head, table_folders
from shoplake.errors import ShoplakeError
from tools.soak.power_cuts import without_flushes

from ..lakes import content, difference
from .power_cut_story import Story, as_text

if TYPE_CHECKING:
    from shoplake.lake import Lake
    from tools.soak.power_cuts import Files

Heads = frozenset[tuple[str, object]]
STORIES = {"sample": Story.of_samples, "shop": Story.of_shop}


def check(story: Story, lake: Path, seed: int, mended: set[Heads] | None = None) -> dict[str, str]:
    """Cut the power, and return what each table did that the cut touched: `answered` or `refused`.

    Runs once and compares every row with the run that had no power cut. That is left out where an earlier run has begun
    with the same commits, which are in `mended`: what a run does depends on them alone.
    """
    last = story.syncs.cut(lake, seed)
    flushed, touched = story.syncs.states[last], story.tables_after(last)
    run = story.run_after(last)
    opened = story.open(lake, run)
    verdicts = {table: verdict(story, opened, flushed, table) for table in touched}
    assert "wrong" not in verdicts.values(), verdicts
    if mended is None or _is_new(lake, mended):
        with without_flushes():
            opened.run()
        assert difference(content(lake), run.expected) == {}
        assert opened.verify() == []
    return verdicts


def verdict(story: Story, opened: Lake, flushed: Files, table: str) -> str:
    """Whether a table answers what it held when flushed or later, refuses, or is wrong without an error."""
    try:
        answer = opened.sql(f"SELECT * FROM {table.replace('/', '.')}").to_arrow()
    except ShoplakeError:
        return "refused"
    return "answered" if as_text(answer) in story.answers_since(flushed, table) else "wrong"


def _is_new(lake: Path, mended: set[Heads]) -> bool:
    """Set damaged tails aside as a run does, and say whether no lake of these commits was mended before."""
    recover_tails(str(lake))
    heads = frozenset((table, read_head(str(lake), table)) for table in table_folders(str(lake)))
    is_new = heads not in mended
    mended.add(heads)
    return is_new


def survey(story: Story, counts: dict[str, Any], seeds: int, folder: Path) -> None:
    """Cut the power for one more seed at a time, up to `seeds`; the copies that failed stay in the folder."""
    while counts["copies"] < seeds:
        seed, lake = counts["copies"], folder / f"seed{counts['copies']}"
        try:
            found = Counter(check(story, lake, seed).values())
        except (AssertionError, ShoplakeError) as error:
            counts["failed"].append({"seed": seed, "error": str(error)[:500], "lake": str(lake)})
        else:
            shutil.rmtree(lake)
            counts["answered"] += found["answered"]
            counts["refused"] += found["refused"]
        counts["copies"] += 1


def main() -> None:
    """Cut the power in steps, and write the counts after each."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", type=Path, help="JSON file of the counts")
    arguments.add_argument("--story", choices=sorted(STORIES), default="sample")
    arguments.add_argument("--seeds", type=int, default=1000)
    arguments.add_argument("--step", type=int, default=10)
    given = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix=f"power-cuts-{given.story}-"))
    story = STORIES[given.story](folder)
    every = json.loads(given.file.read_text()) if given.file.exists() else {}
    counts = every.setdefault(given.story, {"copies": 0, "answered": 0, "refused": 0, "failed": []})
    while counts["copies"] < given.seeds:
        survey(story, counts, min(given.seeds, counts["copies"] + given.step), folder)
        given.file.write_text(json.dumps(every, indent=1) + "\n")


if __name__ == "__main__":
    main()
