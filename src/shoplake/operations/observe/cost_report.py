"""Sums up what the tables of a lake cost, by table or by day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from shoplake.engine import COSTS, MAINTENANCE, table_exists, table_size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.declare import Table
    from shoplake.engine import StateReader, TableReader

GB = 10**9
TABLE, DAY = "table", "day"


@dataclass(frozen=True)
class Cost:
    """What one table, or the runs of one day (UTC), cost.

    `size` (bytes) is what the table has now, or what the tables that were written on that day had then. `freed` (bytes)
    is what vacuum deleted. `month_price` is that of `size`, in the currency of the price; None without a price.
    """

    name: str
    runs: int = 0
    duration_s: float = 0.0
    cpu_s: float = 0.0
    size: int = 0
    freed: int = 0
    month_price: float | None = None


def report_costs(
    engine: TableReader,
    state: StateReader,
    tables: Iterable[Table[...]],
    by: str = TABLE,
    price_per_gb: float | None = None,
) -> list[Cost]:
    """Return the costs by table, the most processor time first, or by day, the oldest first."""
    costs: dict[str, Cost] = {}
    if by == TABLE:
        existing = [table for table in tables if table_exists(engine.path(table))]
        names = {table.qualified_name: engine.path(table) for table in existing}
        costs = {name: Cost(name, size=table_size(path)[1]) for name, path in names.items()}
    for row in _rows(state, COSTS):
        name = _name(row, by)
        known = costs.get(name, Cost(name))
        spent = replace(known, runs=known.runs + 1, duration_s=known.duration_s + row["duration_s"])
        size = known.size if by == TABLE else known.size + row["size"]
        costs[name] = replace(spent, cpu_s=known.cpu_s + row["cpu_s"], size=size)
    for row in _rows(state, MAINTENANCE):
        name = _name(row, by)
        known = costs.get(name, Cost(name))
        costs[name] = replace(known, freed=known.freed + (row["size"] or 0))
    if price_per_gb is not None and by == TABLE:
        costs = {name: replace(each, month_price=each.size / GB * price_per_gb) for name, each in costs.items()}
    key = (lambda each: each.name) if by == DAY else (lambda each: (-each.cpu_s, -each.size, each.name))
    return sorted(costs.values(), key=key)


def _rows(state: StateReader, table: Table[...]) -> list[dict[str, Any]]:
    return state.read(table) if table_exists(state.path(table)) else []


def _name(row: dict[str, Any], by: str) -> str:
    return str(row["table"]) if by == TABLE else f"{row['recorded_at']:%Y-%m-%d}"
