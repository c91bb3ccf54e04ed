"""Compares tables of two builds row by row, floats within a tolerance."""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

LINEAGE = ("batch_id", "ingested_at", "payload_hash", "source_file", "version_line", "attributes", "valid_to_month")
"""Columns that say how a row arrived or how a system stores it."""
NOT_COMPARED = {
    "silver.events": ("browser",),
    "gold.product_performance_daily": ("approx_viewers",),
    "gold.customer_value_models": ("a", "b"),
}
"""Columns that are approximate, that the hand-written SQL does not make, or that the data does not determine: where
nobody leaves, any `b` has the same likelihood."""
FITTED = {
    "gold.customer_value_models": ("r", "alpha", "p", "q", "v"),
    "gold.customer_value": (
        *("p_alive", "p_order_90d", "expected_orders_90d", "expected_orders_365d", "expected_value", "value_365d"),
    ),
    "gold.customer_360": ("p_alive", "expected_orders_90d", "expected_orders_365d", "value_365d", "churn_probability"),
}
"""Columns that follow from the maximum of a likelihood, which two optimizers find to a few digits."""
CENTS = ("expected_value", "value_365d")
"""Those of them that are rounded to cents, so that a cent may differ whatever the amount."""
FLOATS = ("DOUBLE", "FLOAT")


def compare(connection: duckdb.DuckDBPyConnection, table: str, one: str, other: str) -> list[str]:
    """List the differences between a table of two builds; `one` and `other` are relations in SQL.

    The columns of `one` decide: `other` has all of them but `LINEAGE` and `NOT_COMPARED`, and is cast to their types.
    Each row of one side has one of the other; rows that differ in floats alone are paired in the order of the rest.
    """
    types = {name: str(kind) for name, kind, *_ in connection.execute(f"DESCRIBE FROM {one}").fetchall()}
    theirs = {name for name, *_ in connection.execute(f"DESCRIBE FROM {other}").fetchall()}
    names = [name for name in types if name not in (*LINEAGE, *NOT_COMPARED.get(table, ()))]
    if missing := [name for name in names if name not in theirs]:
        return [f"{table} has no column {', '.join(missing)}"]
    fitted = FITTED.get(table, ())
    types |= {name: "DOUBLE" for name in fitted if name in types}
    ordered = sorted(names, key=lambda name: types[name] in FLOATS)
    cast = ", ".join(f'CAST("{name}" AS {types[name]}) AS "{name}"' for name in ordered)
    left, right = f"SELECT {cast} FROM {one}", f"SELECT {cast} FROM {other}"
    order = ", ".join(str(number + 1) for number in range(len(ordered)))
    ours, others = (
        connection.execute(f"SELECT * FROM (({a}) EXCEPT ALL ({b})) ORDER BY {order}").fetchall()
        for a, b in ((left, right), (right, left))
    )
    return [f"{table}: {text}" for text in _differences(ordered, ours, others, fitted)]


def _differences(
    names: Sequence[str], ours: Sequence[tuple[Any, ...]], others: Sequence[tuple[Any, ...]], fitted: Sequence[str]
) -> list[str]:
    if len(ours) != len(others):
        first = [dict(zip(names, rows[0], strict=True)) for rows in (ours, others) if rows]
        return [f"{len(ours)} and {len(others)} rows are on one side only, such as {first}"]
    found = []
    for one, other in zip(ours, others, strict=True):
        cells = zip(names, one, other, strict=True)
        wrong = [f"{name} is {a!r} and {b!r}" for name, a, b in cells if not _agree(a, b, *_tolerance(name, fitted))]
        if wrong:
            found.append(f"{', '.join(wrong)} of {dict(zip(names, one, strict=True))}")
    return found


def _tolerance(name: str, fitted: Sequence[str]) -> tuple[float, float]:
    """Return by how much floats of a column may differ: relative to their size, and absolutely."""
    relative = 1e-3 if name in fitted else 1e-6
    return relative, 0.01 + 1e-9 if name in fitted and name in CENTS else relative


def _agree(one: object, other: object, relative: float, absolute: float) -> bool:
    """Whether two values are equal, or floats that are near each other."""
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=relative, abs_tol=absolute)
    return one == other
