from dataclasses import replace

from shoplake.declare import col
from shoplake.serve.export.source import last_finished_run
from shoplake.serve.export.table_rows import open_rows

from .small_lake import CUSTOMERS, SALES


def values(lake, table, **options):
    options = {"with_personal": False} | options
    rows = open_rows(lake, last_finished_run(lake), table, **options)
    return [row for batch in rows.read() for row in batch.to_pylist()]


def test_personal_columns_are_left_out_unless_they_are_wanted(shared):
    rows = open_rows(shared, last_finished_run(shared), CUSTOMERS, with_personal=False)

    assert rows.left_out == ("email",)
    assert values(shared, CUSTOMERS) == [{"customer_id": "C1"}]
    assert values(shared, CUSTOMERS, with_personal=True) == [{"customer_id": "C1", "email": "ann@example.org"}]


def test_a_personal_column_stored_under_its_former_name_is_left_out_too(shared):
    renamed = replace(
        CUSTOMERS, columns=(CUSTOMERS.columns[0], col("mail", "string", "Address", was="email", personal="email"))
    )

    assert values(shared, renamed) == [{"customer_id": "C1"}]
    assert values(shared, renamed, with_personal=True) == [{"customer_id": "C1", "mail": "ann@example.org"}]


def test_a_stored_column_that_is_not_declared_any_more_is_left_out(shared):
    dropped = replace(CUSTOMERS, columns=CUSTOMERS.columns[:1])

    assert values(shared, dropped, with_personal=True) == [{"customer_id": "C1"}]


def test_columns_carry_their_definitions_and_the_table_its_version(shared):
    schema = open_rows(shared, last_finished_run(shared), SALES, with_personal=False).schema

    assert schema.field("net_sales").metadata == {b"comment": b"Sales less returns (currency)"}
    assert schema.metadata == {
        b"table": b"gold.sales_daily",
        b"version": b"1",
        b"definition": b"One row per feed and day: sales.",
    }
