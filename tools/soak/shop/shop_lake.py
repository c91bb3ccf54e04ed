"""A lake of shoplake's own tables: what landed, what was ingested, and the comparison with a fresh lake of the same."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from shoplake.declare.catalog import Catalog
from shoplake.lake import Lake
from shoplake.operations.quarantine.records import RecordFilter
from shoplake.project import load_project
from shoplake.settings import Settings
from tools.soak.killable_lake import UNDECIDED, KillableLake
from tools.soak.shop.comparison import compare
from tools.soak.shop.expected import check_silver
from tools.soak.shop.foreign_money import check_money
from tools.soak.shop.shop_files import is_page, lines_above, stream_of, write_file
from tools.soak.shop.shop_project import OWN
from tools.soak.shop.shop_records import ShopRecords
from tools.soak.shop.shop_state import FEED, Content, Moment, ShopSettings, feed_of
from tools.soak.shop.shopify_records import FOREIGN
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from shoplake.declare import Expectation, Feed, Table


class ShopLake(KillableLake):
    """A lake of some of shoplake's tables, or of all where none is named, and its landing folder.

    `template` is a lake of these tables without rows, which is copied.
    """

    has_dates: ClassVar[bool] = True
    """Whether records have times of their change, in most lives."""

    def __init__(
        self, folder: Path, tables: Iterable[str] = (), template: Path | None = None, kind: str = "zenith"
    ) -> None:
        super().__init__(folder)
        self.kind, self.feed = kind, FEED
        self.names, self.settings, self.template = tuple(tables), ShopSettings(), template
        self.landing = folder / "landing"
        self.landing.mkdir(parents=True, exist_ok=True)
        self.landed, self.cut = dict[str, list[str]](), dict[str, list[str]]()
        self.is_dated, self.expires, self.ever_kept = True, False, frozenset[str]()
        self.content, self.moments, self.writes = Content(), list[Moment](), 0
        self.is_disturbed = self.is_vacuumed = self.is_pending = self.has_jumped = False
        if template is not None:
            shutil.copytree(template, self.path)
        self.lake = self.open()

    def open(self, *, is_applied: bool = False) -> Lake:
        """Return the lake as the settings and the project of now open it; a run applies them where `is_applied`."""
        chosen, folder = self.settings, self.folder / "project"
        chosen.project.write(folder)
        settings = Settings(
            str(self.path),
            self.feeds(),
            max_files_per_batch=chosen.files_per_batch,
            on_changed_file="replace" if chosen.replaces else "reject",
            on_change="apply" if is_applied else "refuse",
        )
        lake = Lake(settings, project=load_project(folder))
        if self.names:
            lake.catalog = Catalog(with_inputs(lake.catalog, (*self.names, *OWN)))
        return lake

    def opener(self) -> Callable[[], Lake]:
        """Return what opens the lake, with its settings and project, in another process."""
        return partial(_open_shop, type(self), self.folder, self.names, self.kind, self.generation, self.settings)

    def feeds(self) -> tuple[Feed, ...]:
        """Return the feeds of the lake."""
        return (feed_of(self.feed, self.kind, str(self.landing), self.settings),)

    def make_records(self, chance: random.Random) -> ShopRecords:
        """Return what makes the records of files."""
        return FOREIGN.get(self.kind, ShopRecords)(chance, is_dated=self.is_dated)

    def others_to_fix(self, found: Mapping[str, Any], chance: random.Random) -> list[dict[str, Any]]:
        """Return the quarantined records that are corrected together with one."""
        return []

    def file_of(self, found: Mapping[str, Any]) -> str:
        """Return the name of the file of a quarantined record, as it was written."""
        return str(found["file"])

    @property
    def stopping(self) -> list[str]:
        """The rules and gates that can stop a run, as `layer.table.rule`."""
        tables = [*self.lake.catalog.values()]
        rules = [f"{table.qualified_name}.{rule.name}" for table in tables for rule in table.rules if _stops(rule)]
        return rules + [f"{table.qualified_name}.{gate.name}" for table in tables for gate in table.gates if gate.stop]

    def write(self, name: str, lines: list[str], share: float = 1.0) -> None:
        """Let a file land, or land again; no two files have the same time. It is `cut` where its end is missing."""
        self.writes += 1
        self.cut.pop(name, None)
        (self.landed if share == 1.0 else self.cut)[name] = lines
        path = self.path_of(name)
        write_file(path, lines, share, stream_of(name).rpartition("/")[2])
        os.utime(path, (time.time() - 1_000_000 + self.writes,) * 2)

    def path_of(self, name: str) -> Path:
        """Return where a file lies."""
        return self.landing / name

    def remove(self, name: str) -> None:
        """Delete a landed file: what was ingested of it stays."""
        del self.landed[name]
        self.path_of(name).unlink()

    def has(self, file: str, number: int, text: str) -> bool:
        """Whether this is the text of the record at this place: the one that was landed, or what replaced it."""
        found = self.content.files.get(file, [])[number - 1 : number]
        return bool(found) and self.content.decided.get((file, number, found[0]), found[0]) == text

    def is_landed(self, found: Mapping[str, Any]) -> bool:
        """Whether a quarantined record is one line of its file, which is known."""
        return bool(self.places(found))

    def places(self, found: Mapping[str, Any]) -> list[tuple[str, int]]:
        """Return the file of a quarantined record, and which of its lines it is, from 1; none where it is not there."""
        file, line = self.file_of(found), found["line"] or 0  # rows of Parquet have none
        place = file, line - lines_above(file)
        return [place] if self.has(*place, found["raw"]) else []

    def ingest(self) -> None:
        """Note that what has landed is ingested: new files, those that have grown, and changed ones where they may."""
        arrived = dict[str, list[str]]()
        for name, lines in self.landed.items():
            known, is_text = self.content.files.get(name), name.endswith((".json", ".csv")) and not is_page(name)
            if known is None or self.settings.replaces or (is_text and lines[: len(known)] == known):
                arrived[name] = lines
        self.content.arrive(arrived)

    def remember(self) -> None:
        """Remember this moment for a later restore."""
        time.sleep(0.002)
        self.moments.append(Moment(datetime.now(UTC), self.content.copy()))
        time.sleep(0.002)

    def made_from(self, names: Iterable[str]) -> frozenset[str]:
        """Return the tables that are made from some, as `layer.table`, and from what is made from those."""
        catalog, found = self.lake.catalog, {name.rpartition(".")[2] for name in names}
        for table in catalog.ordered:
            found |= {table.name} if found & {*table.inputs} else set()
        return frozenset(catalog[name].qualified_name for name in found) - {*names}

    def undecided(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the quarantined records about which nobody decided, each with the name of its table."""
        found = []
        for table in self.lake.catalog.ordered:
            if table.quarantine is not None and table.incremental:
                records = self.lake.select_quarantined(table.qualified_name, RecordFilter(state=None))
                found += [(table.qualified_name, each) for each in records if each["state"] in UNDECIDED]
        return found

    def check(self, chance: random.Random) -> None:
        """Raise DifferenceError where a fresh lake of what was ingested has other rows, or other records in quarantine.

        It gets the files in one run or in two, in an order of its own; where records may have no time, in the runs in
        which they arrived. `verify` may find what is wrong with the data.
        """
        folder = self.folder / f"fresh{self.writes}-{self.generation}"
        fresh = self.fresh(folder, chance)
        compare(self, *fresh)
        self.check_records(fresh)
        incomplete = self.made_from(self.ever_kept) | self.ever_kept
        if problems := {str(each) for each in self.lake.verify() if each.table not in incomplete}:
            problems -= {str(problem) for each in fresh for problem in each.lake.verify()}
        if problems:
            raise DifferenceError(f"verify: {sorted(problems)[:3]}")
        shutil.rmtree(folder)

    def fresh(self, folder: Path, chance: random.Random) -> list[ShopLake]:
        """Return the lakes whose rows together are to be those of this one."""
        one = type(self)(folder, self.names, self.template, self.kind)
        one.settings = self.settings
        self.fill(one, self.runs(chance, self.content.counted()))
        return [one]

    def fill(self, fresh: ShopLake, runs: Iterable[Iterable[tuple[str, list[str | None]]]]) -> None:
        """Let a fresh lake, of the settings of this one, ingest files in runs."""
        fresh.settings, fresh.is_dated = replace(fresh.settings, files_per_batch=10_000), self.is_dated
        fresh.lake, fresh.ever_kept = fresh.open(), self.ever_kept
        for files in runs:
            for name, lines in files:
                fresh.write(name, lines)  # type: ignore[arg-type]
            fresh.lake.run(accept=fresh.stopping, because="the same")

    def check_records(self, fresh: Iterable[ShopLake]) -> None:
        """Raise DifferenceError where rows are not what plain Python makes of the records."""
        check_silver(self) if self.kind == "zenith" else check_money(self)

    def runs(
        self, chance: random.Random, counted: Mapping[str, list[str | None]]
    ) -> list[list[tuple[str, list[str | None]]]]:
        """Return what arrives in each run of a fresh lake: files with the lines that count."""
        files = [*counted.items()]
        chance.shuffle(files)
        if self.is_dated:
            runs = chance.choice([1, 1, 2])
            return [files[number::runs] for number in range(runs)]
        arrivals = self.content.arrivals
        steps = sorted({*arrivals.values()}) or [0]
        return [[each for each in files if arrivals[each[0]] == step] for step in steps]


def _open_shop(
    make: type[ShopLake], folder: Path, names: tuple[str, ...], kind: str, generation: int, settings: ShopSettings
) -> Lake:
    shop = make(folder, names, kind=kind)
    shop.generation, shop.settings = generation, settings
    return shop.open()


def _stops(rule: Expectation) -> bool:
    return rule.stop_above is not None


def with_inputs(catalog: Catalog, names: Iterable[str]) -> list[Table[...]]:
    """Return the bronze tables, those of some names, and all that they read."""
    wanted = {*names} | {table.name for table in catalog.ordered if table.layer == "bronze"}
    for table in reversed(catalog.ordered):
        wanted |= {*table.inputs} if table.name in wanted else set()
    return [table for table in catalog.ordered if table.name in wanted]
