from shoplake.declare import col
from shoplake.engine.state.ops_columns import AT, RUN, ops_table


def test_a_table_of_the_state_store_lies_in_ops_with_the_columns_it_is_given():
    made = ops_table("notes", "One row per note.", RUN, col("text", "string", "The note"), AT)

    assert (made.layer, [column.name for column in made.columns]) == ("ops", ["run_id", "text", "recorded_at"])
