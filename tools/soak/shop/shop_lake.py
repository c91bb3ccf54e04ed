"""A lake of shoplake's own tables: what landed, what was ingested, and the comparison with a fresh lake of the same."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shoplake.declare import Feed
from shoplake.declare.catalog import Catalog
from shoplake.feeds import KINDS
from shoplake.lake import Lake
from shoplake.operations.quarantine.records import RecordFilter
from shoplake.project import load_project
from shoplake.settings import Settings
from tools.soak.killable_lake import UNDECIDED, KillableLake
from tools.soak.shop.comparison import compare
from tools.soak.shop.expected import check_silver
from tools.soak.shop.foreign_money import check_money
from tools.soak.shop.shop_files import is_page, write_file
from tools.soak.shop.shop_project import OWN, ShopProject
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable
    from pathlib import Path

    from shoplake.declare import Expectation, Table

ZONES, CURRENCIES = ("Europe/London", "America/New_York", "Asia/Kolkata"), ("GBP", "EUR")
EVENT_NAMES = ((), (("quiz_done", "page_view"),), (("quiz_done", "quiz"),))
"""What the settings map a name of events to that the kind does not know."""

Place = tuple[str, int, str]
"""File, line and text of a record."""


@dataclass
class Content:
    """The lines of each file that was ingested, and what replaced some of them: None where a record was discarded.

    `arrivals` has the number of the step in which what a file holds now was ingested.
    """

    files: dict[str, list[str]] = field(default_factory=dict)
    decided: dict[Place, str | None] = field(default_factory=dict)
    arrivals: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Content:
        """Return a content that changes alone."""
        return Content({**self.files}, {**self.decided}, {**self.arrivals})

    def arrive(self, files: dict[str, list[str]]) -> None:
        """Take in what files hold now."""
        number = max(self.arrivals.values(), default=0) + 1
        self.arrivals |= {name: number for name, lines in files.items() if self.files.get(name) != lines}
        self.files |= files

    def counted(self) -> dict[str, list[str | None]]:
        """Return the lines that count of each file."""
        return {
            name: [self.decided.get((name, number, text), text) for number, text in enumerate(lines, 1)]
            for name, lines in self.files.items()
        }


@dataclass(frozen=True)
class Moment:
    """A moment at which nothing was at work, and what was ingested then."""

    at: datetime
    content: Content


@dataclass(frozen=True)
class ShopSettings:
    """The settings of the feed, and the project beside them.

    `replaces` says whether new content of a known file replaces the former one.
    """

    timezone: str = ZONES[0]
    currency: str = CURRENCIES[0]
    event_names: int = 0
    replaces: bool = False
    files_per_batch: int = 10_000
    project: ShopProject = field(default_factory=ShopProject)


class ShopLake(KillableLake):
    """A lake of some of shoplake's tables, or of all where none is named, and its landing folder.

    `template` is a lake of these tables without rows, which is copied.
    """

    def __init__(
        self, folder: Path, tables: Iterable[str] = (), template: Path | None = None, kind: str = "zenith"
    ) -> None:
        super().__init__(folder)
        self.kind = kind
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
        feed = Feed("shop", KINDS[self.kind], str(self.landing), chosen.timezone, chosen.currency)
        if feed.kind.funnel_steps:
            feed = replace(feed, events=EVENT_NAMES[chosen.event_names])
        chosen.project.write(folder)
        settings = Settings(
            str(self.path),
            (feed,),
            max_files_per_batch=chosen.files_per_batch,
            on_changed_file="replace" if chosen.replaces else "reject",
            on_change="apply" if is_applied else "refuse",
        )
        lake = Lake(settings, project=load_project(folder))
        if self.names:
            lake.catalog = Catalog(with_inputs(lake.catalog, (*self.names, *OWN)))
        return lake

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
        path = self.landing / name
        write_file(path, lines, share)
        os.utime(path, (time.time() - 1_000_000 + self.writes,) * 2)

    def remove(self, name: str) -> None:
        """Delete a landed file: what was ingested of it stays."""
        del self.landed[name]
        (self.landing / name).unlink()

    def has(self, file: str, number: int, text: str) -> bool:
        """Whether this is the text of the record at this place: the one that was landed, or what replaced it."""
        found = self.content.files.get(file, [])[number - 1 : number]
        return bool(found) and self.content.decided.get((file, number, found[0]), found[0]) == text

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
        fresh = ShopLake(folder, self.names, self.template, self.kind)
        fresh.settings, fresh.is_dated = replace(self.settings, files_per_batch=10_000), self.is_dated
        incomplete = self.made_from(self.ever_kept) | self.ever_kept
        fresh.lake = fresh.open()
        for files in self._runs(chance):
            for name, lines in files:
                fresh.write(name, lines)  # type: ignore[arg-type]
            fresh.lake.run(accept=fresh.stopping, because="the same")
        compare(self, fresh)
        check_silver(self) if self.kind == "zenith" else check_money(self)
        if problems := {str(each) for each in self.lake.verify() if each.table not in incomplete}:
            problems -= {*map(str, fresh.lake.verify())}
        if problems:
            raise DifferenceError(f"verify: {sorted(problems)[:3]}")
        shutil.rmtree(folder)

    def _runs(self, chance: random.Random) -> list[list[tuple[str, list[str | None]]]]:
        """Return what arrives in each run of a fresh lake: files with the lines that count."""
        files = [*self.content.counted().items()]
        chance.shuffle(files)
        if self.is_dated:
            runs = chance.choice([1, 1, 2])
            return [files[number::runs] for number in range(runs)]
        arrivals = self.content.arrivals
        steps = sorted({*arrivals.values()}) or [0]
        return [[each for each in files if arrivals[each[0]] == step] for step in steps]


def _stops(rule: Expectation) -> bool:
    return rule.stop_above is not None


def with_inputs(catalog: Catalog, names: Iterable[str]) -> list[Table[...]]:
    """Return the bronze tables, those of some names, and all that they read."""
    wanted = {*names} | {table.name for table in catalog.ordered if table.layer == "bronze"}
    for table in reversed(catalog.ordered):
        wanted |= {*table.inputs} if table.name in wanted else set()
    return [table for table in catalog.ordered if table.name in wanted]
