"""The steps of a life of a shop's lake, and their effect on what is known to be ingested."""

from __future__ import annotations

import shutil
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

from shoplake.errors import LandingError
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.operations.quarantine.records import RecordFilter
from shoplake.operations.upkeep.restore_plan import RestoreError
from tools.soak.actions import WATCH, Step, fix_command
from tools.soak.shop.change_actions import run_checked
from tools.soak.shop.shop_files import stream_of
from tools.soak.shop.shop_records import DAYS, START

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable

    from tools.soak.shop.shop_lake import ShopLake
    from tools.soak.shop.shop_records import ShopRecords


def run(shop: ShopLake, chance: random.Random) -> Step:
    """Bring all tables up to date."""
    return Step("run", lambda: run_checked(shop), shop.ingest, ("run",))


def rebuild(shop: ShopLake, chance: random.Random) -> Step:
    """Bring all tables up to date, and rebuild all of them or some days."""
    if chance.random() < 0.4:
        name = "run --full-refresh"
        return Step(name, lambda: run_checked(shop, full_refresh=True), shop.ingest, tuple(name.split()))
    first, last = sorted((START + timedelta(days=chance.randrange(DAYS))).date() for _ in range(2))
    command = ("run", "--start", f"{first}", "--end", f"{last}")
    return Step("run --start --end", lambda: run_checked(shop, start=first, end=last), shop.ingest, command)


def run_part(shop: ShopLake, chance: random.Random) -> Step:
    """Update one table, with or without those that read it, or one layer."""
    if chance.random() < 0.4:
        layer = chance.choice(["bronze", "silver", "gold"])
        return Step(f"run --layer {layer}", lambda: run_checked(shop, layer=layer), _ingest_if(shop, layer == "bronze"))
    names = [table.qualified_name for table in shop.lake.catalog.ordered if table.layer != "bronze"]
    name = chance.choice(names) + chance.choice(["", "+"])
    is_full = chance.random() < 0.3
    return Step(f"run --select {name}", lambda: run_checked(shop, select=name, full_refresh=is_full))


def watch(shop: ShopLake, chance: random.Random) -> Step:
    """Watch the folder for one run."""

    def act() -> None:
        stop = Event()
        for _ in shop.lake.watch(stop, 0.01):
            stop.set()

    return Step("run --watch", act, shop.ingest, WATCH)


def fix(shop: ShopLake, chance: random.Random, records: ShopRecords) -> Step | None:
    """Correct a record in quarantine; where there are several feeds, sometimes one of each."""
    if (chosen := _choose(shop, chance)) is None:
        return None
    some = [chosen[1], *shop.others_to_fix(chosen[1], chance)]
    places = {found["record_id"]: shop.places(found) for found in some}
    streams = {id: stream_of(found[0][0]) for id, found in places.items()}
    file = FixFile.of({id: records.good(streams[id], len(found)) for id, found in places.items()})
    try:
        tables = shop.lake.tables_of_fix(file)
    except LandingError:  # a text that was decided about before
        return None

    def act() -> None:
        with shop.lake.quarantine_life_cycle() as cycle:
            cycle.fix(file, tables, "a ticket")

    texts = {each.record_id: each.raw for each in file.corrections}

    def effect() -> None:
        for id, found in places.items():
            _decide(shop, found, texts[id].split("\n"))

    return Step("quarantine fix", act, effect, fix_command(shop, file))


def discard(shop: ShopLake, chance: random.Random) -> Step | None:
    """Decide that a record in quarantine does not count, or all open ones of its table and one of its reasons."""
    if (chosen := _choose(shop, chance)) is None:
        return None
    (name, found), records = chosen, [chosen[1]]
    selection = RecordFilter(state=None, ids=(found["record_id"],))
    if found["state"] == "open" and chance.random() < 0.4:
        selection = RecordFilter(reason=chance.choice(found["reasons"]))
        records = shop.lake.select_quarantined(name, selection)
        if not all(shop.is_landed(each) for each in records):
            return None

    def act() -> None:
        with shop.lake.quarantine_life_cycle() as cycle:
            cycle.discard(shop.lake.find(name), selection, "a test")

    places = [shop.places(each) for each in records]

    def effect() -> None:
        for each in places:
            _decide(shop, each, [None] * len(each))

    return Step("quarantine discard", act, effect)


def replay(shop: ShopLake, chance: random.Random) -> Step | None:
    """Judge the open records of a table again."""
    if (chosen := _choose(shop, chance)) is None:
        return None

    def act() -> None:
        with shop.lake.quarantine_life_cycle() as cycle:
            cycle.replay(shop.lake.find(chosen[0]))

    return Step("quarantine replay", act, command=("quarantine", "replay", chosen[0]))


def maintain(shop: ShopLake, chance: random.Random) -> Step:
    """Compact the files of all tables, delete those that no current version needs, or do the upkeep that is due."""
    names, kind = [table.qualified_name for table in shop.lake.catalog.values()], chance.choice(["optimize", "vacuum"])
    if chance.random() < 0.4:
        return Step("maintain auto", lambda: shop.lake.maintain_all(), command=("maintain", "auto"))

    def act() -> None:
        with shop.lake.maintain() as maintenance:
            maintenance.optimize(names) if kind == "optimize" else maintenance.vacuum(names, 0)

    shop.is_vacuumed |= kind == "vacuum"
    return Step(f"maintain {kind}", act, command=("maintain", kind))


def clone(shop: ShopLake, chance: random.Random) -> Step:
    """Clone the lake, and go on in the clone."""
    target = shop.folder / "clone"

    def effect() -> None:
        shutil.rmtree(shop.path)
        shop.generation += 1
        target.rename(shop.path)
        shop.lake, shop.moments = shop.open(), []

    return Step("clone", lambda: target.exists() or shop.lake.clone(target), effect)  # a whole one is there or none


def restore(shop: ShopLake, chance: random.Random) -> Step | None:
    """Go back to a moment before; it is left out where a killed run makes it an earlier one."""
    if shop.has_jumped:  # what happened before which moment is known to the lake alone
        return None
    moment = chance.choice(shop.moments)
    try:
        plan = shop.lake.restore_plan(moment.at)
    except RestoreError:
        if shop.is_disturbed or shop.is_vacuumed or not moment.content.files:
            return None
        raise
    if plan.until != moment.at:
        return None

    def effect() -> None:
        shop.moments = [each for each in shop.moments if each.at <= moment.at]
        shop.content, shop.is_pending = moment.content.copy(), True

    command = ("maintain", "restore", "--at", moment.at.isoformat())
    return Step("maintain restore", lambda: shop.lake.restore(moment.at), effect, command)


def _ingest_if(shop: ShopLake, condition: bool) -> Callable[[], None]:
    return shop.ingest if condition else lambda: None


def _choose(shop: ShopLake, chance: random.Random) -> tuple[str, dict[str, Any]] | None:
    """Choose a record in quarantine that is one line of its file."""
    found = [each for each in shop.undecided() if shop.is_landed(each[1])]
    return chance.choice(found) if found else None


def _decide(shop: ShopLake, places: Iterable[tuple[str, int]], texts: Iterable[str | None]) -> None:
    for (file, line), text in zip(places, texts, strict=True):
        shop.content.decided[file, line, shop.content.files[file][line - 1]] = text
