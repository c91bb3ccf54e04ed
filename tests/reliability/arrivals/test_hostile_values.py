"""Any value in any field: the run ends, each record is somewhere, and no table contradicts another."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from shoplake.simulate import generate

from ..lakes import lake_at, raw_files, totals

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TIMES = ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "2026-02-30T00:00:00Z"]
TIMES += ["1677-09-21T00:12:43Z", "2262-04-12T00:00:00Z", "2026-03-10T24:00:00Z", "2038-01-19T03:14:08Z", "1e18"]
NUMBERS = [0, -1, -0.0, 1e308, 1e-320, 10**40, 2**63, -(2**63), 2**31, 99_999_999_999_999.99, "1,5", "NaN", " 7 ", True]
TEXTS = [
    "",
    "\0",
    "\ud800",
    "😀" * 50,
    "\u202eabc",
    "x" * 5000,
    "'; DROP TABLE x;--",
    "=1+1",
    "<script>",
    "\r\n",
    "\\",
    '"',
]
TEXTS += ["null", "İ", "e\u0301", "\ufeff", "\u2028", "%s%n", "../../etc/passwd", "{}", "a|b", "\x1f", "\x7f"]
OTHERS: list[Any] = [None, {}, [], {"a": 1}, [[]], {"": ""}, False]


def hostile(value: Any, chance: random.Random) -> Any:
    """Another value of the kind that a field has, or one of any other kind."""
    of_kind = NUMBERS if isinstance(value, int | float) else TIMES if str(value)[:2] == "20" else TEXTS
    return chance.choice(of_kind if chance.random() < 0.5 else chance.choice([TIMES, NUMBERS, TEXTS, OTHERS]))


def mangle(value: Any, chance: random.Random) -> Any:
    """A JSON value with hostile ones at some of its places, and in objects at times a field more."""
    if isinstance(value, list):
        return [mangle(each, chance) for each in value]
    if isinstance(value, dict):
        more = {chance.choice(TEXTS): chance.choice(TEXTS)} if chance.random() < 0.05 else {}
        return {name: mangle(each, chance) for name, each in value.items()} | more
    return hostile(value, chance) if chance.random() < 0.1 else value


def mangle_line(line: str, chance: random.Random, of_value: Callable[[Any, random.Random], Any] = mangle) -> str:
    """A JSON line with hostile values; a line that is none stays."""
    try:
        return json.dumps(of_value(json.loads(line), chance))
    except ValueError:
        return line


def mangle_json(text: str, chance: random.Random) -> str:
    return "\n".join(mangle_line(line, chance) if chance.random() < 0.5 else line for line in text.split("\n"))


def mangle_csv(text: str, chance: random.Random) -> str:
    output = io.StringIO()
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    mangled = [[str(mangle(cell, chance)).encode("utf-8", "replace").decode() for cell in row] for row in rows]
    csv.writer(output).writerows([head, *mangled])
    return output.getvalue()


@pytest.fixture(scope="module", params=range(3))
def lake(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A lake of a shop in which half of the records have hostile values, all tables built."""
    folder, chance = tmp_path_factory.mktemp("hostile"), random.Random(request.param)
    generate(folder / "landing", events=2_000, customers=100, products=50, days=15, seed=request.param, error_rate=0.02)
    for file in raw_files(folder / "landing"):
        mangle_text = {".json": mangle_json, ".csv": mangle_csv}.get(file.suffix)
        if mangle_text is not None:
            text = file.read_text(encoding="utf-8", errors="surrogateescape")
            file.write_text(mangle_text(text, chance), encoding="utf-8", errors="surrogateescape", newline="")
    lake_at(folder / "lake", folder / "landing").run()
    return folder / "lake"


@pytest.mark.slow
@pytest.mark.parametrize("table", ["events", "payments", "order_lines", "customers"])
def test_records_are_quarantined_and_others_written(lake: Path, table: str):
    counts = totals(lake, f"silver/{table}")

    assert min(counts["rows_quarantined"], counts["rows_written"]) > 0


@pytest.mark.slow
def test_each_event_is_valid_quarantined_or_a_duplicate(lake: Path):
    counts, arrived = totals(lake, "silver/events"), totals(lake, "bronze/events_raw")["rows_written"]

    known = ("rows_written", "rows_quarantined", "rows_duplicate")
    assert sum(counts[each] for each in known) == arrived


@pytest.mark.slow
def test_no_table_contradicts_another_but_for_payments_of_an_unknown_status(lake: Path):
    problems = lake_at(lake, lake.parent / "landing").verify()

    assert {problem.table for problem in problems} <= {"gold.reconciliation_orders"}
