"""A lake of shoplake's own tables: what landed, what was ingested, and the comparison with a fresh lake of the same."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from shoplake.declare import Feed
from shoplake.declare.catalog import Catalog
from shoplake.feeds import KINDS
from shoplake.lake import Lake
from shoplake.operations.quarantine.records import RecordFilter
from shoplake.project import Project
from shoplake.settings import Settings
from tools.soak.killable_lake import UNDECIDED, KillableLake
from tools.soak.shop.expected import check_silver
from tools.soak.shop.shop_records import CSV, PRODUCT
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable
    from pathlib import Path

    from shoplake.declare import Table

ARRIVAL = frozenset({"batch_id", "ingested_at", "quarantined_at", "source_file", "version_line"})
"""What differs between two lakes of the same records: when and with what they came in."""
ZONES, CURRENCIES = ("Europe/London", "America/New_York", "Asia/Kolkata"), ("GBP", "EUR")

Place = tuple[str, int, str]
"""File, line and text of a record."""


@dataclass
class Content:
    """The lines of each file that was ingested, and what replaced some of them: None where a record was discarded."""

    files: dict[str, list[str]] = field(default_factory=dict)
    decided: dict[Place, str | None] = field(default_factory=dict)

    def copy(self) -> Content:
        """Return a content that changes alone."""
        return Content({**self.files}, {**self.decided})

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
    """The settings of the feed, and whether new content of a known file replaces the former one."""

    timezone: str = ZONES[0]
    currency: str = CURRENCIES[0]
    replaces: bool = False


class ShopLake(KillableLake):
    """A lake of some of shoplake's tables, or of all where none is named, and its landing folder.

    `template` is a lake of these tables without rows, which is copied.
    """

    def __init__(self, folder: Path, tables: Iterable[str] = (), template: Path | None = None) -> None:
        super().__init__(folder)
        self.names, self.settings, self.template = tuple(tables), ShopSettings(), template
        self.landing = folder / "landing"
        self.landing.mkdir(parents=True, exist_ok=True)
        self.landed: dict[str, list[str]] = {}
        self.content, self.moments, self.writes = Content(), list[Moment](), 0
        self.is_disturbed = self.is_vacuumed = self.is_pending = False
        if template is not None:
            shutil.copytree(template, self.path)
        self.lake = self.open()

    def open(self) -> Lake:
        """Return the lake as the settings of now open it."""
        feed = Feed("shop", KINDS["zenith"], str(self.landing), self.settings.timezone, self.settings.currency)
        changed = "replace" if self.settings.replaces else "reject"
        lake = Lake(replace(Settings(str(self.path), (feed,)), on_changed_file=changed), project=Project())
        if self.names:
            lake.catalog = Catalog(with_inputs(lake.catalog, self.names))
        return lake

    def write(self, name: str, lines: list[str]) -> None:
        """Let a file land, or land again; no two files have the same time."""
        self.writes += 1
        self.landed[name] = lines
        path = self.landing / name
        write_file(path, lines)
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
        for name, lines in self.landed.items():
            known, is_text = self.content.files.get(name), name.endswith((".json", ".csv"))
            if known is None or self.settings.replaces or (is_text and lines[: len(known)] == known):
                self.content.files[name] = lines

    def remember(self) -> None:
        """Remember this moment for a later restore."""
        time.sleep(0.002)
        self.moments.append(Moment(datetime.now(UTC), self.content.copy()))
        time.sleep(0.002)

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

        It gets the files in one run or in two, in an order of its own. `verify` may find what is wrong with the data.
        """
        folder = self.folder / f"fresh{self.writes}-{self.generation}"
        fresh = ShopLake(folder, self.names, self.template)
        fresh.settings = self.settings
        fresh.lake = fresh.open()
        files = [*self.content.counted().items()]
        chance.shuffle(files)
        runs = chance.choice([1, 1, 2])
        for number in range(runs):
            for name, lines in files[number::runs]:
                fresh.write(name, lines)  # type: ignore[arg-type]
            fresh.lake.run()
        compare(self, fresh)
        check_silver(self)
        if problems := {*map(str, self.lake.verify())}:
            problems -= {*map(str, fresh.lake.verify())}
        if problems:
            raise DifferenceError(f"verify: {sorted(problems)[:3]}")
        shutil.rmtree(folder)


def compare(one: ShopLake, other: ShopLake) -> None:
    """Raise DifferenceError where two lakes differ in a silver or gold table, or in the records in quarantine."""
    problems = []
    for table in one.lake.catalog.ordered:
        if table.layer == "bronze":
            continue
        beside = [each for each in table.companion_tables if each is not table.quarantine or not table.incremental]
        for each in (table, *beside):
            missing, added = apart(_rows(other, each), _rows(one, each))
            if missing or added:
                problems.append(f"{each.path}: missing {missing}, added {added}")
    missing, added = apart(_quarantined(other), _quarantined(one))
    if missing or added:
        problems.append(f"quarantine: missing {missing}, added {added}")
    if problems:
        raise DifferenceError("\n  ".join(problems))


def apart(expected: Counter[str], found: Counter[str]) -> tuple[list[str], list[str]]:
    """Return some of what is missing, and of what was added."""
    return sorted((expected - found).elements())[:2], sorted((found - expected).elements())[:2]


def with_inputs(catalog: Catalog, names: Iterable[str]) -> list[Table[...]]:
    """Return the bronze tables, those of some names, and all that they read."""
    wanted = {*names} | {table.name for table in catalog.ordered if table.layer == "bronze"}
    for table in reversed(catalog.ordered):
        wanted |= {*table.inputs} if table.name in wanted else set()
    return [table for table in catalog.ordered if table.name in wanted]


def write_file(path: Path, lines: list[str]) -> None:
    """Write the lines of a file of a stream, under its header where it has one; a discarded line is empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = path.parent.name
    if stream == "products":
        rows = [json.loads(line) for line in lines if line is not None]
        texts = {name: [_text(row.get(name)) for row in rows] for name in PRODUCT}
        pq.write_table(pa.table({name: pa.array(cells, pa.string()) for name, cells in texts.items()}), path)
        return
    header = [",".join(CSV[stream])] if stream in CSV else []
    text = "".join(f"{line or ''}\n" for line in [*header, *lines]).encode()
    path.write_bytes(gzip.compress(text, mtime=0) if PurePath(path.name).suffix == ".gz" else text)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _rows(shop: ShopLake, table: Table[...]) -> Counter[str]:
    content = DeltaTable(str(shop.path / table.path)).to_pyarrow_table()
    names = [name for name in content.column_names if name not in ARRIVAL]
    return Counter(map(repr, content.select(names).to_pylist()))


def _quarantined(shop: ShopLake) -> Counter[str]:
    return Counter(f"{table}: {record['raw']} {sorted(record['reasons'])}" for table, record in shop.undecided())
