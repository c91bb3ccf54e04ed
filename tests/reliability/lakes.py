"""Lakes under test: made, filled, read without the engine, and compared row by row."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from shoplake import tables
from shoplake.declare import Feed
from shoplake.declare.catalog import Catalog
from shoplake.feeds import KINDS
from shoplake.lake import Lake
from shoplake.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shoplake.declare import Table

ARRIVAL = frozenset({"batch_id", "ingested_at", "quarantined_at", "source_file", "version_line"})
"""What rightly differs between two lakes with the same content: when it came in, and with what."""


@cache
def catalog() -> Catalog:
    return Catalog.from_package(tables)


def paths(*layers: str) -> list[str]:
    """Where the tables of these layers lie in a lake, those beside them too."""
    declared = [table for table in catalog().ordered if table.layer in layers]
    return [each.path for table in declared for each in (table, *table.companion_tables)]


ANSWERS = paths("silver", "gold")


EVENTS = ("events_raw", "events")
CUSTOMERS = ("customers_raw", "customer_changes_raw", "customers")
PRODUCTS = ("products_raw", "product_changes_raw", "products")
"""The tables that tests of files and events need; a lake of these alone is five times as quick."""
BRONZE = tuple(table.name for table in catalog().ordered if table.layer == "bronze")
"""A run of a shop's files needs the table of each of its streams."""
FEW = (*BRONZE, "customers", "products", "payments", "purchases", "product_performance_daily", "funnel_daily")
FEW += ("sales_daily",)
"""With what they read, tables of every layer and write mode; a lake of these costs less than half of one of all."""
FEW_TABLES = pytest.param(FEW, id="few tables", marks=pytest.mark.slow)
ALL_TABLES = pytest.param((), id="all tables", marks=pytest.mark.slow)
"""Parameters of a fixture that builds a lake: what is true of few tables is tested of all where time does not count."""
with_all_tables = pytest.mark.parametrize("shop", [ALL_TABLES], indirect=True)
"""Marks a slow test that would learn nothing from few tables."""


def lake_at(
    path: Path,
    landing: Path,
    kind: str = "zenith",
    *,
    tables: Iterable[str] = (),
    strict: bool = False,
    **settings: Any,
) -> Lake:
    """A lake of one London shop, of all tables or of some and those that they read."""
    feed = Feed("shop", KINDS[kind], str(landing), "Europe/London", "GBP", strict)
    lake = Lake(replace(Settings(lake=str(path), feeds=(feed,)), **settings))
    if tables:
        lake.catalog = Catalog(with_read(lake.catalog, tables))
    return lake


def with_read(catalog: Catalog, names: Iterable[str]) -> list[Table[...]]:
    wanted = set(names)
    for table in reversed(catalog.ordered):
        wanted |= set(table.inputs) if table.name in wanted else set()
    return [table for table in catalog.ordered if table.name in wanted]


def read(lake: Path, table: str, version: int | None = None) -> pa.Table:
    return DeltaTable(str(lake / table), version=version).to_pyarrow_table()


def stored(lake: Lake, table: Table[...], columns: Sequence[str]) -> pa.Table:
    """What a table has stored in some columns.

    Sail is not asked: it reads a double that is the same in a whole file from the file's statistics, an ulp beside it.
    """
    if lake.settings.engine == "sail":
        return read(Path(lake.settings.lake), f"{table.layer}/{table.name}").select(columns)
    return lake.engine.read(table).select(*columns).toArrow()


def listed(lake: Path, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read(lake, table).to_pylist()
    return rows


def rows(lake: Path, table: str, without: Iterable[str] = ARRIVAL) -> list[str]:
    """Every row as text, in order, but for the columns in which it may differ."""
    content = read(lake, table)
    names = [name for name in content.column_names if name not in without]
    return sorted(map(repr, content.select(names).to_pylist()))


def content(lake: Path, of: Iterable[str] = ()) -> dict[str, list[str]]:
    """The rows of these tables, or of all but the state store's."""
    return {table: rows(lake, table) for table in of or there(lake)}


def there(lake: Path) -> list[str]:
    """The tables that lie in a lake, but for the state store's."""
    logs = sorted(lake.glob("[bsg]*/*/_delta_log"))
    return [str(log.parent.relative_to(lake)) for log in logs]


def difference(one: dict[str, list[str]], other: dict[str, list[str]]) -> dict[str, Any]:
    """The tables that differ: how many rows each has, and the first that only one of them has."""
    return {
        table: (len(one[table]), len(other[table]), *_first_apart(one[table], other[table]))
        for table in one
        if one[table] != other[table]
    }


def _first_apart(one: list[str], other: list[str]) -> tuple[list[str], list[str]]:
    return sorted(set(one) - set(other))[:2], sorted(set(other) - set(one))[:2]


def versions(lake: Path) -> dict[str, int]:
    """The last version of every table, but for the state store's."""
    return {table: DeltaTable(str(lake / table)).version() for table in there(lake)}


def partitions(lake: Path, table: str, by: str) -> dict[str, set[str]]:
    """The data files of each partition."""
    actions = pa.table(DeltaTable(str(lake / table)).get_add_actions(flatten=True)).to_pylist()
    found: dict[str, set[str]] = {}
    for action in actions:
        found.setdefault(str(action[f"partition.{by}"]), set()).add(action["path"])
    return found


def same_files(before: dict[str, set[str]], after: dict[str, set[str]]) -> set[str]:
    """The partitions whose files are the very same."""
    return {day for day, files in before.items() if after.get(day) == files}


def event(number: int, **changes: Any) -> dict[str, Any]:
    """A product view, a second after the one before, of one of ten visitors."""
    return {
        "event_id": f"e{number:06}",
        "event_ts": f"2026-03-02T{9 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000Z",
        "event_name": "product_view",
        "user_id": f"C{number % 10}",
        "anonymous_id": None,
        "product_id": f"P{number % 7}",
        "price": 9.5,
        "quantity": 1,
        **changes,
    }


def drop(landing: Path, name: str, *records: dict[str, Any] | str | bytes) -> Path:
    """A file of lines: JSON of what is given as values, text and bytes as they are."""
    path = landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(_line(record) + b"\n" for record in records))
    return path


def _line(record: dict[str, Any] | str | bytes) -> bytes:
    text = json.dumps(record) if isinstance(record, dict) else record
    return text.encode() if isinstance(text, str) else text


def bring(landing: Path, source: Path, files: Iterable[Path]) -> None:
    """Copy files of a shop into another landing folder, under their own names."""
    for file in files:
        target = landing / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)


def raw_files(landing: Path) -> list[Path]:
    return sorted(path for path in landing.rglob("*") if path.is_file() and path.name != "ground_truth.json")


def ids(lake: Path, table: str = "silver/events", column: str = "event_id") -> list[Any]:
    return sorted(read(lake, table).column(column).to_pylist())


def totals(lake: Path, table: str) -> dict[str, int]:
    """What the state store's runs say of a table, added up."""
    counted = ("rows_read", "rows_written", "rows_quarantined", "rows_duplicate", "rows_conflicting")
    name = table.replace("/", ".")
    output = [row for row in listed(lake, "ops/table_runs") if row["table"] == name]
    return {part: sum(row[part] for row in output) for part in counted}


def data_file(lake: Path, table: str) -> Path:
    """The largest file of a table as it now stands."""
    files = [Path(each.removeprefix("file://")) for each in DeltaTable(str(lake / table)).file_uris()]
    return max(files, key=lambda file: file.stat().st_size)


def flip(file: Path) -> None:
    """Change one byte of a file's first values; everything that a reader checks stays as it was."""
    content = bytearray(file.read_bytes())
    content[50] ^= 0xFF
    file.write_bytes(content)
