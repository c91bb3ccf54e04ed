"""Bodies are packed into files as shops send them, and a lake of these is compared with plain Python."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reliability.lakes import listed

from .answer import Answer, Line, Payment

if TYPE_CHECKING:
    import random
    from pathlib import Path

TABLES = ("order_lines", "payments")


def packed(
    rng: random.Random, stream: str, bodies: list[dict[str, Any]], *, has_pages: bool = True
) -> list[dict[str, Any] | str]:
    """The content of a file: a page of an API, an array, or one object a line, in a wrapper or not."""
    how = rng.choice(("page", "array", "lines", "wrapped")[not has_pages :])
    if how == "page":
        return [json.dumps({stream: bodies}, indent=rng.choice((None, 2)))]
    if how == "array":
        return [json.dumps(bodies)]
    return [{stream.removesuffix("s"): body} if how == "wrapped" else body for body in bodies]


def rows(lake: Path, table: str, of: type[Line] | type[Payment]) -> list[Any]:
    return sorted((of(*(row[name] for name in of._fields)) for row in listed(lake, f"silver/{table}")), key=repr)


def quarantined(lake: Path, table: str) -> set[tuple[str, str]]:
    found = listed(lake, f"silver/{table}_quarantine")
    return {(row["file"], reason) for row in found for reason in row["reasons"]}


def check(lake: Path, answer: Answer) -> None:
    built, expected = rows(lake, "order_lines", Line), sorted(answer.lines, key=repr)
    assert differing(built, expected) == []
    assert differing(rows(lake, "payments", Payment), sorted(answer.payments, key=repr)) == []
    assert quarantined(lake, "order_lines") == answer.bad_lines
    assert quarantined(lake, "payments") == answer.bad_payments


def differing(built: list[Any], expected: list[Any]) -> list[tuple[str, Any]]:
    one, other = set(built), set(expected)
    apart = sorted(
        [("built", row) for row in one - other] + [("expected", row) for row in other - one],
        key=lambda each: each[1][:3],
    )
    return apart[:6] or ([("rows", (len(built), len(expected)))] if len(built) != len(expected) else [])


def unaccounted(lake: Path) -> list[dict[str, Any]]:
    """The writes that lost rows: each row is written, quarantined, a duplicate or superseded."""
    names = ("rows_written", "rows_quarantined", "rows_duplicate", "rows_superseded")
    writes = [
        row for row in listed(lake, "ops/table_runs") if row["table"] in ("silver.order_lines", "silver.payments")
    ]
    assert writes
    return [row for row in writes if row["rows_read"] != sum(row[name] for name in names)]
