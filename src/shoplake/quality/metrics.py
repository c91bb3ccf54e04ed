"""The quality of a table as one run left it, as rows of `ops.quality`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.declare import Action
from shoplake.engine.storage import delta_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.declare import Table
    from shoplake.engine.protocol import Written

FAILS_AT = 0.05
"""The share of rows set aside, or of rows that break a rule, from which on it is a FAIL and not a WARN."""


def measured(table: Table[...], at: str, written: Written, rows: int) -> Iterator[dict[str, Any]]:
    """The table's counts in this run, the rows that broke each rule, and each column's nulls as they now stand."""
    share = written.quarantined / written.rows_in if written.rows_in else 0.0
    counts = {name: getattr(written, name) for name in ("rows_in", "good", "quarantined", "duplicates", "conflicts")}
    yield {"subject": "table", "name": table.name, "broken": written.quarantined, **counts, **_judged(share)}
    strict = [each.name for each in table.expectations if each.otherwise is not Action.WARN]
    warnings = {each.name for each in table.expectations if each.otherwise is Action.WARN}
    for rule in dict.fromkeys([*strict, *sorted(written.broken)]):
        broken = written.broken.get(rule, 0)
        share = broken / written.rows_in if written.rows_in else 0.0
        judged = _judged(share)
        if rule in warnings and broken:
            judged["status"] = "WARN"
        yield {"subject": "rule", "name": rule, "rows_in": written.rows_in, "broken": broken, **judged}
    nulls = delta_log.nulls(at)
    for column in table.columns:
        empty = nulls.get(column.name)
        if empty is None:
            continue
        share = empty / rows if rows else 0.0
        is_all = bool(rows) and empty == rows and table.layer != "bronze"
        status = "FAIL" if empty and column.required else "WARN" if is_all else "PASS"
        yield {
            "subject": "column",
            "name": column.name,
            "rows_in": rows,
            "broken": empty,
            "share": share,
            "status": status,
        }


def _judged(share: float) -> dict[str, Any]:
    return {"share": share, "status": "PASS" if share == 0 else "WARN" if share < FAILS_AT else "FAIL"}
