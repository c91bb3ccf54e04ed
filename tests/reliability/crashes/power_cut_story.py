"""Lakes that ran several times without a power cut: one of sample tables, and one of a shop's."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING

from sample_documents import receipt, receipts, receipts_raw
from sample_tables import CATALOG, feed, mark, price

from shoplake.declare.catalog import Catalog
from shoplake.lake import Lake
from shoplake.project import Project
from shoplake.settings import Settings

from ..lakes import ARRIVAL, content, drop, event, lake_at, read, versions
from .power_cut import SyncLog

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pyarrow as pa

    from tools.soak.power_cuts import Files

SAMPLES = Catalog([*(table for name, table in CATALOG.items() if name != "latest"), receipts_raw, receipts])
"""One table of each mode that a run writes, and those they read."""
SHOP_TABLES = ("events", "customers", "product_funnel")
Opener = "Callable[[Path, Path], Lake]"
Delivery = dict[str, "Sequence[dict[str, object] | str]"]
"""The records of each file that arrives before one run."""

SAMPLE_DELIVERIES: tuple[Delivery, ...] = (
    {"marks/a.json": [mark("m1"), mark("m2", "2026-03-01T09:20:00Z"), mark("m3", n=0), mark("m4", who="bob"), "oops"]},
    {"prices/a.json": [price("tea", "2.00", "2026-03-01T00:00:00Z"), price("nut", "1.00", "2026-03-01T00:00:00Z")]},
    {"receipts/a.json": [receipt("r1", 1, 2), receipt("r2", 3), receipt("r3", 0)]},
    {"marks/b.json": [mark("m1", "2026-03-01T08:00:00Z"), mark("m2", n=7), mark("m5", "2026-03-02T09:00:00Z", "bob")]},
    {"prices/b.json": [price("tea", "3.00", "2026-03-03T00:00:00Z"), price("tea", "1.00", "2026-02-01T00:00:00Z")]},
    {"receipts/b.json": [receipt("r1", 5), receipt("r3", 1, at="2026-03-02T00:00:00Z"), receipt("r2", 4, 4)]},
)


def _customer(number: int, **changes: object) -> dict[str, object]:
    return {"sequence": number, "changed_at": f"2026-03-0{number}T12:00:00Z", "customer_id": "C1", **changes}


SHOP_DELIVERIES: tuple[Delivery, ...] = (
    {
        "events/a.json": [*[event(number) for number in range(40)], "oops"],
        "customer_changes/a.json": [_customer(1, location="L1", op="update")],
    },
    {
        "events/b.json": [event(number) for number in range(20, 60)],
        "customer_changes/b.json": [_customer(3, location="L3", op="update"), _customer(2, op="delete")],
    },
    {"events/c.json": [event(number, event_ts=f"2026-03-0{number}T08:00:00Z") for number in (1, 2, 3)]},
)


@dataclass(frozen=True)
class Run:
    """One run of a story: its landing folder, the number of syncs until its end, and the rows of all tables then."""

    landing: Path
    syncs: int
    expected: dict[str, list[str]] = field(repr=False)


@dataclass(frozen=True)
class Story:
    """A lake that ran after each delivery: its syncs and its runs."""

    opener: Opener = field(repr=False)
    syncs: SyncLog = field(repr=False)
    runs: list[Run] = field(repr=False)

    @classmethod
    def of_samples(cls, folder: Path) -> Story:
        return cls._written(folder, _open_samples, SAMPLE_DELIVERIES)

    @classmethod
    def of_shop(cls, folder: Path) -> Story:
        return cls._written(folder, _open_shop, SHOP_DELIVERIES)

    def run_after(self, sync: int) -> Run:
        """The run in which the power is cut after a sync."""
        return next((run for run in self.runs if sync + 1 < run.syncs), self.runs[-1])

    def open(self, lake: Path, run: Run) -> Lake:
        """A lake of the same tables, with the files that had arrived before a run."""
        return self.opener(lake, run.landing)

    def tables_after(self, sync: int) -> list[str]:
        """The tables that have commits between a sync and the next."""
        flushed, written = self.syncs.states[sync : sync + 2]
        return [table for table in self.history if commits(flushed, table) < commits(written, table)]

    def answers_since(self, flushed: Files, table: str) -> list[list[str]]:
        """The rows of each version of a table that may be there when these files are."""
        first = commits(flushed, table) - 1
        return [rows for version, rows in self.history[table].items() if version >= first]

    @cached_property
    def history(self) -> dict[str, dict[int, list[str]]]:
        """The rows of each version of each table."""
        lake = self.syncs.lake
        return {
            table: {version: as_text(read(lake, table, version)) for version in range(last + 1)}
            for table, last in versions(lake).items()
        }

    @classmethod
    def _written(cls, folder: Path, opener: Opener, deliveries: Iterable[Delivery]) -> Story:
        story, last = cls(opener, SyncLog(folder / "lake"), []), folder / "landing"
        for number, delivery in enumerate(deliveries):
            landing = folder / f"landing{number}"
            shutil.copytree(last, landing) if story.runs else landing.mkdir()
            for name, records in delivery.items():
                drop(landing, name, *records)
            story.syncs.record(opener(story.syncs.lake, landing).run)
            story.runs.append(Run(landing, len(story.syncs.states), content(story.syncs.lake)))
            last = landing
        story.syncs.close()
        return story


def commits(files: Files, table: str) -> int:
    return sum(path.startswith(f"{table}/_delta_log/") and path.endswith(".json") for path in files)


def as_text(rows: pa.Table) -> list[str]:
    """Every row, but for the columns in which two lakes of the same files differ."""
    names = [name for name in rows.column_names if name not in ARRIVAL]
    return sorted(map(repr, rows.select(names).to_pylist()))


def _open_shop(lake: Path, landing: Path) -> Lake:
    return lake_at(lake, landing, tables=SHOP_TABLES)


def _open_samples(lake: Path, landing: Path) -> Lake:
    opened = Lake(Settings(str(lake), (feed(landing),)), project=_project())
    opened.catalog = SAMPLES
    return opened


@cache
def _project() -> Project:
    return Project(tables=tuple(SAMPLES.values()))
