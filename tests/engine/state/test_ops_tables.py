import pytest

from shoplake.engine.state.ops_tables import OPS


@pytest.mark.parametrize("table", OPS, ids=lambda table: table.name)
def test_each_table_of_the_state_store_says_what_a_row_is_and_what_its_columns_mean(table):
    assert table.summary.startswith("One row per ")
    assert all(column.doc for column in table.columns)
    assert [column.name for column in table.columns][-1] in ("recorded_at", "run_started_at", "applied_at")


def test_they_all_lie_in_ops_and_are_only_added_to():
    assert {table.layer for table in OPS} == {"ops"}
