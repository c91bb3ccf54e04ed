import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from shoplake.declare import col, stored_table
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.log_statistics import (
    PROPERTY,
    set_properties,
    statistics_properties,
)
from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.tables.silver.customers import customers
from shoplake.tables.silver.orders.order_lines import order_lines

COLUMNS = (
    col("id", "int", "Number"),
    col("email", "string", "E-mail", personal="email"),
    col("is_known", "boolean", "Whether it is known"),
    col("tags", "map<string,string>", "Tags"),
    col("day", "date", "Day"),
)
PEOPLE = stored_table("people", "One row per person.", "silver", COLUMNS, partition_by=("day",))
OPEN = replace(PEOPLE, columns=tuple(replace(column, personal=None) for column in COLUMNS))


@pytest.fixture
def at(tmp_path):
    return str(tmp_path / "people")


def put(at, *rows):
    names = ("id", "email", "is_known")
    values = [dict(zip(names, row, strict=True)) | {"tags": None, "day": None} for row in rows]
    write_deltalake(at, pa.Table.from_pylist(values, schema=delta_log.arrow_schema(PEOPLE)), mode="append")


def statistics(at):
    """The statistics of the last commit's files."""
    last = max(Path(at, "_delta_log").glob("*.json"))
    actions = [json.loads(line) for line in last.read_text().splitlines()]
    return [json.loads(action["add"]["stats"]) for action in actions if "add" in action]


def test_statistics_have_neither_personal_nor_partition_columns_nor_types_that_spark_refuses():
    assert statistics_properties(PEOPLE) == {PROPERTY: "id"}


def test_a_table_without_personal_columns_keeps_all_statistics():
    assert statistics_properties(OPEN) == statistics_properties(order_lines) == {}


def test_decimals_of_more_digits_than_those_of_money_have_no_statistics():
    amounts = (col("paid", "decimal(18,4)", "Paid"), col("share", "decimal( 38, 18 )", "Share"))

    assert statistics_properties(replace(OPEN, columns=(*OPEN.columns, *amounts))) == {PROPERTY: "id,email,paid"}


@pytest.mark.parametrize("table", [customers, customers.changelog, customers.quarantine, orders_raw])
def test_raw_records_mail_addresses_and_numbers_have_no_statistics_and_keys_have(table):
    names = set(statistics_properties(table)[PROPERTY].split(","))

    assert names.isdisjoint({"raw", "email", "phone"})
    assert names >= {"feed"}


def test_the_log_counts_rows_and_keeps_the_range_of_other_columns(at):
    delta_log.create_if_missing(PEOPLE, at)

    put(at, (1, "canary@shop.example", True), (7, None, None))

    [found] = statistics(at)
    assert (found["numRecords"], found["minValues"], found["maxValues"]) == (2, {"id": 1}, {"id": 7})
    assert delta_log.row_count(at) == 2


def test_an_existing_table_gets_the_property_once(at):
    delta_log.create_if_missing(OPEN, at)
    put(at, (1, "old@shop.example", True))

    for _ in range(2):
        set_properties(PEOPLE, at)
    put(at, (2, "canary@shop.example", True))

    assert DeltaTable(at).version() == 3
    assert [each["minValues"] for each in statistics(at)] == [{"id": 2}]
