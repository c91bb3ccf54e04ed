"""Compares two lakes of a shop: silver and gold row for row, quarantines record by record."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from deltalake import DeltaTable

from shoplake.declare.retention import retention_column
from tools.soak.shop.shop_project import KEPT_SINCE
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shoplake.declare import Table
    from tools.soak.shop.shop_lake import ShopLake

ARRIVAL = frozenset({"batch_id", "ingested_at", "quarantined_at", "source_file", "version_line"})
"""What differs between two lakes of the same records: when and with what they came in."""
ARRIVED_AFTER = datetime(2026, 6, 1, tzinfo=UTC)


def compare(one: ShopLake, *others: ShopLake) -> None:
    """Raise DifferenceError where a lake differs in a silver or gold table, or in the records in quarantine.

    It has to have what others have together.
    """
    problems, without = [], one.made_from(one.ever_kept)
    for table in one.lake.catalog.ordered:
        if table.layer == "bronze" or table.qualified_name in without:
            continue
        if table.qualified_name in one.ever_kept:
            problems += _kept(one, others, table)
            continue
        beside = [each for each in table.companion_tables if each is not table.quarantine or not table.incremental]
        for each in (table, *beside):
            missing, added = apart(_all_rows(others, each), _rows(one, each))
            if missing or added:
                problems.append(f"{each.path}: missing {missing}, added {added}")
    missing, added = apart(sum(map(_quarantined, others), Counter()), _quarantined(one))
    if missing or added:
        problems.append(f"quarantine: missing {missing}, added {added}")
    if problems:
        raise DifferenceError("\n  ".join(problems))


def _kept(one: ShopLake, others: Iterable[ShopLake], table: Table[...]) -> list[str]:
    """Return what is wrong with a table whose old rows expire: younger ones are all there, older ones are right."""
    column = retention_column(table)
    assert column is not None

    def is_old(row: dict[str, Any]) -> bool:
        return bool(row[column.name] < KEPT_SINCE)

    old = [_all_rows(shops, table, is_old) for shops in (others, [one])]
    young = [_all_rows(shops, table, lambda row: not is_old(row)) for shops in (others, [one])]
    (missing, added), (_, wrong) = apart(*young), apart(*old)
    return [f"{table.path}: missing {missing}, added {added + wrong}"] if missing or added or wrong else []


def apart(expected: Counter[str], found: Counter[str]) -> tuple[list[str], list[str]]:
    """Return some of what is missing, and of what was added."""
    return sorted((expected - found).elements())[:2], sorted((found - expected).elements())[:2]


def _all_rows(
    shops: Iterable[ShopLake], table: Table[...], condition: Callable[[dict[str, Any]], bool] = lambda row: True
) -> Counter[str]:
    return sum((_rows(shop, table, condition) for shop in shops), Counter())


def _rows(
    shop: ShopLake, table: Table[...], condition: Callable[[dict[str, Any]], bool] = lambda row: True
) -> Counter[str]:
    content = DeltaTable(str(shop.path / table.path)).to_pyarrow_table()
    names = sorted({*content.column_names} - ARRIVAL)  # their order is that of the changes that a table has had
    rows = list(filter(condition, content.select(names).to_pylist()))
    if not shop.is_dated:
        rows = [{name: _without_arrival(value) for name, value in row.items()} for row in rows]
    return Counter(map(repr, rows))


def _without_arrival(value: object) -> object:
    """Return a value, or that it is the time at which its record arrived: that is later than all that records say."""
    return "arrived" if isinstance(value, datetime) and value.replace(tzinfo=UTC) > ARRIVED_AFTER else value


def _quarantined(shop: ShopLake) -> Counter[str]:
    return Counter(f"{table}: {record['raw']} {sorted(record['reasons'])}" for table, record in shop.undecided())
