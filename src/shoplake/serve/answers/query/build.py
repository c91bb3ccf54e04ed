"""Builds answers: rows of a query with the origin, definition and units of their table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.serve.answers.query.answer import Answer, Meta

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from shoplake.serve.store.generation import Generation

OPS = {
    "ops.quality": "One row per run, table and check: rows read, written and failed.",
    "ops.gates": "One row per run, gate and slice: what was measured, and the band in which it passes.",
    "ops.incidents": "One row per incident and what happened to it: it opened, was acknowledged, or ended.",
    "ops.metrics": "One row per closed day and measure: what was measured, and what the weeks before make likely.",
    "ops.models": "One row per version of a model: what it was trained with and what was measured on its test rows.",
    "ops.quarantine_reasons": "One row per table and reason: the quarantined records that wait for a decision.",
    "ops.table_runs": "One row per run and table that it wrote: rows, version and duration.",
}
CHANGE = "share of the value before"


def build_answer(
    generation: Generation, table: str, sql: str, parameters: Sequence[Any] = (), *, limit: int | None = None
) -> Answer:
    """Query rows and describe them by `table`. With a `limit` at most that many; `is_truncated` if there are more."""
    if limit is None:
        rows = generation.query(sql, parameters)
        return Answer(rows, describe(generation, table, rows))
    rows = generation.query(f"SELECT * FROM ({sql}) LIMIT {limit + 1:d}", parameters)
    return Answer(rows.slice(0, limit), describe(generation, table, rows), rows.num_rows > limit)


def describe(generation: Generation, table: str, rows: pa.Table | None = None) -> Meta:
    """Return a table's version, the time of its run, its definition and its units.

    With `rows` only the units of their columns; `<column>_before` has that of the column, `<column>_change` is a ratio.
    """
    declared = generation.tables.get(table)
    definition = OPS.get(table, "") if declared is None else " ".join(declared.doc.split("\n\n", 1)[0].split())
    units = {column.name: column.unit for column in declared.columns if column.unit} if declared else {}
    return Meta(table, generation.versions.get(table, 0), generation.as_of, definition, _units(units, rows))


def _units(units: dict[str, str], rows: pa.Table | None) -> dict[str, str]:
    if rows is None:
        return units
    found = {name: units.get(name.removesuffix("_before")) for name in rows.column_names}
    found |= {name: CHANGE for name in rows.column_names if name.endswith("_change")}
    return {name: unit for name, unit in found.items() if unit}
