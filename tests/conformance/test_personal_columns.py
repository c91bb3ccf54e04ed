"""Values of personal columns are in no statistics of a log, whatever writes the files, on both engines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from sample_documents import receipt, receipts, receipts_raw
from sample_lake import SampleLake
from sample_tables import CATALOG, DAYS, copies, mark, price

from shoplake.declare import col, stored_table
from shoplake.declare.catalog import Catalog
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.table_cache import load_table
from shoplake.operations.table_maintenance import maintenance_backend

from .conftest import CAPABILITIES

if TYPE_CHECKING:
    from shoplake.declare import Table

CANARY = "canary-7f3a"
PERSONAL = ("who", "id", "thing")


def private(table: Table[...]) -> Table[...]:
    """The table with personal columns."""
    columns, changes = (
        tuple(replace(each, personal="name") if each.name in PERSONAL else each for each in given)
        for given in (table.columns, table.change_columns)
    )
    return replace(table, columns=columns, change_columns=changes)


def logs(lake: Path) -> dict[str, str]:
    """The commits and checkpoints below a folder, as texts."""
    texts = {str(path): path.read_text() for path in lake.rglob("_delta_log/*.json")}
    return texts | {str(path): str(pq.read_table(path).to_pylist()) for path in lake.rglob("_delta_log/*.parquet")}


@pytest.mark.parametrize("column", ["größe", "unit-size", "a.b, c"])
def test_columns_of_any_name_are_written_beside_a_personal_one(engine, session, column):
    columns = (
        col("id", "bigint", "Which"),
        col(column, "string", "A size"),
        col("mail", "string", "Mail", personal="mail"),
    )
    people = stored_table("people", "One row per person.", "gold", columns)
    engine.create_if_missing(people)
    if engine.fetched is not None:
        engine.fetched.expect_rows(1 << 30)  # Spark itself writes

    engine.location(people).append(session.createDataFrame([(1, "x", CANARY)], ["id", column, "mail"]))

    [path] = Path(engine.path(people)).rglob("*1.json")
    added = next(line for line in path.read_text().splitlines() if '"add"' in line)
    assert json.loads(json.loads(added)["add"]["stats"])["minValues"] == {"id": 1, column: "x"}


@pytest.mark.slow
def test_no_write_mode_and_no_maintenance_puts_a_personal_value_into_a_log(name, session, tmp_path):
    tables = [private(table) for table in (*CATALOG.values(), copies, receipts_raw, receipts)]
    lake = SampleLake(session, tmp_path, CAPABILITIES[name], Catalog(tables))
    who = f"{CANARY}@shop.example"
    for number, day in enumerate(DAYS):
        marks = [mark(f"{CANARY}{n}", f"{day}T0{8 + n}:00:00Z", who=who, n=n) for n in range(number + 2)]
        lake.drop(f"marks/{number}", *marks)
        lake.drop(f"prices/{number}", price(CANARY, f"{number}.00", day), price(CANARY, "cheap", day))
        lake.drop(f"receipts/{number}", receipt(CANARY, number, 5, at=f"{day}T09:00:00Z"))
        lake.run()
    for table in [each for one in tables for each in (one, *one.companion_tables)]:
        maintenance_backend(lake.engine).optimize(table)
        load_table(lake.engine.path(table)).create_checkpoint()

    texts = logs(tmp_path / "lake")

    assert len([path for path in texts if path.endswith(".parquet")]) > len(tables)
    assert [path for path, text in texts.items() if CANARY in text] == []
    stored = {table.name: DeltaTable(lake.engine.path(table)).to_pyarrow_table() for table in tables}
    assert [
        each
        for each, rows in stored.items()
        if delta_log.row_count(f"{tmp_path}/lake/{lake.catalog[each].path}") != rows.num_rows
    ] == []
    assert [
        each
        for each in ("marks", "latest", "prices", "visits", "receipts")
        if CANARY not in str(stored[each].to_pylist())
    ] == []
