"""The quality of a table as one run left it, as rows of `ops.quality`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.declare import Action
from shoplake.engine import null_counts, scanned_null_counts, uncounted_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from shoplake.declare import Table
    from shoplake.engine import WriteResult

COUNTS = (
    *("rows_read", "rows_written", "rows_quarantined", "rows_duplicate", "rows_conflicting"),
    *("rows_superseded", "rows_replaced"),
)
"""The counts of a write that `ops.quality` has for each table."""
WAITING = "waiting_for_parts"
"""The check of records whose other parts, in other files, have not arrived."""
FAILS_AT = 0.05
"""The share of quarantined rows, or of rows that violate a rule, from which on it is a FAIL and not a WARN."""


def quality_metrics(
    table: Table[...], at: str, written: WriteResult, rows: int, expected: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Return the table's counts in this run, and the rows that violate each rule.

    Also the nulls of each column as they now stand: only of the columns in `expected` is it a warning that they are
    null throughout.
    """
    share = written.rows_quarantined / written.rows_read if written.rows_read else 0.0
    counts = {name: getattr(written, name) for name in COUNTS}
    yield {
        "check_type": "table",
        "check_name": table.name,
        "rows_failed": written.rows_quarantined,
        **counts,
        **_judged(share),
    }
    strict = [each.name for each in table.expectations if each.on_violation is not Action.WARN]
    warnings = {each.name: each.warn_above for each in table.expectations if each.on_violation is Action.WARN}
    for rule in dict.fromkeys([*strict, *sorted(written.violations)]):
        broken = written.violations.get(rule, 0)
        share = broken / written.rows_read if written.rows_read else 0.0
        judged = _judged(share)
        if rule in warnings and broken:
            judged["status"] = "WARN" if share > warnings[rule] else "PASS"
        yield {
            "check_type": "rule",
            "check_name": rule,
            "rows_read": written.rows_read,
            "rows_failed": broken,
            **judged,
        }
    yield from _null_metrics(table, at, rows, expected)


def _null_metrics(table: Table[...], at: str, rows: int, expected: Collection[str]) -> Iterator[dict[str, Any]]:
    nulls = null_counts(at)
    if table.layer != "bronze":  # a record is never null, and bronze is large
        nulls |= scanned_null_counts(at, uncounted_columns(table))
    for column in table.columns:
        empty = nulls.get(column.name)
        if empty is None:
            continue
        share = empty / rows if rows else 0.0
        is_missing = bool(rows) and empty == rows and column.name in expected
        status = "FAIL" if empty and column.required else "WARN" if is_missing else "PASS"
        yield {
            "check_type": "column",
            "check_name": column.name,
            "rows_read": rows,
            "rows_failed": empty,
            "failed_ratio": share,
            "status": status,
        }


def waiting_metric(records: int) -> dict[str, Any]:
    """Return the row of the records that wait for their parts; a WARN if there are any."""
    status = "WARN" if records else "PASS"
    return {"check_type": "rule", "check_name": WAITING, "rows_failed": records, "failed_ratio": 0.0, "status": status}


def _judged(share: float) -> dict[str, Any]:
    return {"failed_ratio": share, "status": "PASS" if share == 0 else "WARN" if share < FAILS_AT else "FAIL"}
