"""The steps of a life: what is done to the lake, and what the model says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

from shoplake.engine.state.ops_tables import DECISIONS
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.operations.quarantine.records import RecordFilter
from shoplake.operations.upkeep.restore_plan import RestoreError
from tools.soak.model import Record
from tools.soak.random_records import corrected
from tools.soak.tables import LOOSE, STRICT
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from datetime import datetime

    from tools.soak.killable_lake import KillableLake
    from tools.soak.world import World

WATCH = ("run", "--watch", "--interval", "100ms")
BECAUSE = ("--because", "a test")


@dataclass(frozen=True)
class Step:
    """An action on the lake that can be repeated, and its effect on the model.

    `command` has the words of the command line that do the same, or something of it; none where there are none.
    """

    name: str
    act: Callable[[], object]
    effect: Callable[[], None] = lambda: None
    command: tuple[str, ...] = ()


def run(world: World, random: random.Random) -> Step:
    """Ingest what has landed, or rebuild all or some days too."""
    days = sorted(date(2026, 3, random.randint(1, 3)) for _ in range(2))
    kind = random.choice(["run", "run", "run", "run --full-refresh", "run --start --end"])
    choices: dict[str, dict[str, Any]] = {
        "run": {},
        "run --full-refresh": {"full_refresh": True},
        "run --start --end": {"start": days[0], "end": days[1]},
    }
    arguments = choices[kind]

    def effect() -> None:
        world.model.ingest(world.model.waiting)
        if kind == "run --full-refresh":
            world.model.judge_again(world.model.ingested)
        elif kind == "run --start --end":
            world.model.judge_days_again(*days)

    between = ("run", "--start", f"{days[0]}", "--end", f"{days[1]}")
    command = between if arguments.keys() >= {"start"} else tuple(kind.split())
    return Step(kind, lambda: world.lake.run(**arguments), effect, command)


def watch(world: World, random: random.Random) -> Step:
    """Watch the folder for one run."""

    def act() -> None:
        stop = Event()
        for _ in world.lake.watch(stop, 0.01):
            stop.set()

    return Step("run --watch", act, lambda: world.model.ingest(world.model.waiting), WATCH)


def change(world: World, random: random.Random) -> Step:
    """Change the rule in the code, and apply it to all rows or to new ones alone."""
    world.limit = LOOSE if world.limit == STRICT else STRICT
    world.lake = world.open()
    is_kept = random.random() < 0.4
    keep = [f"silver.{family}" for family in world.families if family != "prices"] if is_kept else []

    def effect() -> None:
        if not is_kept and world.limit != world.model.limit:
            world.model.limit = world.limit
            world.model.judge_again(world.model.ingested)
        world.model.limit = world.limit

    command = ("apply", "--yes", *(word for name in keep for word in ("--keep", name)))
    return Step("apply --keep" if keep else "apply", lambda: world.lake.apply(keep=keep), effect, command)


def fix(world: World, random: random.Random) -> Step | None:
    """Correct a record in quarantine."""
    chosen = _choose(world, random)
    if chosen is None:
        return None
    family, found = chosen
    record, text = world.record_of(found), corrected(found["raw"], family)
    file = FixFile.of({found["record_id"]: text})
    table = world.lake.catalog[family]

    def act() -> None:
        with world.lake.quarantine_life_cycle() as cycle:
            cycle.fix(file, {world.lake.catalog[table.name]: [*file.corrections]}, "a ticket")

    def effect() -> None:
        world.model.ingest([Record(family, text, file.name, 1)])
        _decide(world, record)

    return Step("quarantine fix", act, effect, fix_command(world, file))


def discard(world: World, random: random.Random) -> Step | None:
    """Decide that a record in quarantine does not count."""
    chosen = _choose(world, random)
    if chosen is None:
        return None
    family, found = chosen
    record, selection = world.record_of(found), RecordFilter(state=None, ids=(found["record_id"],))

    def act() -> None:
        with world.lake.quarantine_life_cycle() as cycle:
            cycle.discard(world.lake.catalog[family], selection, "a test")

    command = ("quarantine", "discard", family, found["record_id"], *BECAUSE) if found["state"] == "open" else ()
    return Step("quarantine discard", act, lambda: _decide(world, record), command)


def replay(world: World, random: random.Random) -> Step:
    """Judge the open records of a table again, and with them all in quarantine of the same batches and rules."""
    family = random.choice(world.families)
    quarantined = [(world.record_of(each), each) for each in world.undecided(family)]
    rules = {rule for _, each in quarantined if each["state"] == "open" for rule in each["reasons"]}
    batches = {world.model.batches[record] for record, each in quarantined if rules & {*each["reasons"]}}

    def act() -> None:
        with world.lake.quarantine_life_cycle() as cycle:
            cycle.replay(world.lake.catalog[family])

    def effect() -> None:
        again = [record for record, _ in quarantined if world.model.batches[record] in batches]
        world.model.judge_again(world.model.current(family) if family == "receipts" and rules else again)

    return Step("quarantine replay", act, effect, ("quarantine", "replay", family))


def optimize(world: World, random: random.Random) -> Step:
    """Compact the files of all tables."""

    def act() -> None:
        with world.lake.maintain() as maintenance:
            maintenance.optimize([table.qualified_name for table in world.lake.catalog.values()])

    return Step("maintain optimize", act, command=("maintain", "optimize"))


def vacuum(world: World, random: random.Random) -> Step:
    """Delete all files that the current versions do not need."""

    def act() -> None:
        with world.lake.maintain() as maintenance:
            maintenance.vacuum([table.qualified_name for table in world.lake.catalog.values()], 0)

    world.is_vacuumed = True
    return Step("maintain vacuum", act, command=("maintain", "vacuum"))


def maintain(world: World, random: random.Random) -> Step:
    """Do the upkeep that is due."""
    return Step("maintain auto", lambda: world.lake.maintain_all(), command=("maintain", "auto"))


def restore(world: World, random: random.Random) -> Step | None:
    """Take all tables back to a moment before; it may be refused where files were deleted.

    A killed process has recorded no start, and a clock that was set back orders starts wrongly. Then the lake goes back
    to an earlier moment than the one that was asked for, which the model does not know: such a step is left out. So is
    one to a moment before decisions that such a clock dated before it, and one to a lake without rows.
    """
    if not world.moments:
        return None
    moment = random.choice(world.moments)
    at = moment.at
    try:
        until = world.lake.restore_plan(at).until
    except RestoreError:
        if world.is_vacuumed or world.is_disturbed or not moment.model.ingested:
            return None
        raise
    if until != at and not world.is_disturbed:
        raise DifferenceError(f"a restore to {at} would be one to {until}")
    dated = {row["record_id"] for row in world.lake.state.read(DECISIONS) if row["recorded_at"] <= at}
    command = ("maintain", "restore", "--at", at.isoformat())
    step = Step("maintain restore", lambda: world.lake.restore(at), lambda: _go_back(world, at), command)
    return step if until == at and (len(dated) == len(moment.model.decided) or not world.is_disturbed) else None


def _go_back(world: World, until: datetime) -> None:
    """Go back to the last remembered moment; what has landed since waits again."""
    world.forget_after(until)
    landed = [*world.model.waiting, *world.model.ingested]
    world.model = world.moments[-1].model.copy()
    known = {*world.model.waiting, *world.model.ingested}
    later = [each for each in landed if each not in known and not each.file.startswith("_fixes")]
    world.model.waiting += sorted(later, key=lambda each: (each.file[-9:], each.line))


def jump_clock(world: World, random: random.Random) -> None:
    """Set the clock of the process back: times of runs go on rising."""
    world.jump = -timedelta(hours=random.randint(1, 72)) if random.random() < 0.7 else timedelta()
    world.is_disturbed = True


def fix_command(lake: KillableLake, file: FixFile) -> tuple[str, ...]:
    """Return the command of a correction, whose file is written."""
    path = lake.folder / "fix.ndjson"
    path.write_bytes(file.content)
    return ("quarantine", "fix", str(path), *BECAUSE)


def _choose(world: World, random: random.Random) -> tuple[str, dict[str, Any]] | None:
    found = [(family, record) for family in world.families for record in world.undecided(family)]
    return random.choice(found) if found else None


def _decide(world: World, record: Record) -> None:
    """Take a record out; tables of documents are rebuilt, which judges all of theirs again."""
    world.model.decided.add(record)
    if record.family == "receipts":
        world.model.judge_again(world.model.current("receipts"))
