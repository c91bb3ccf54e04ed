import pytest
from sample_tables import marks_raw, records, rows_of

from shoplake.engine.write.modes.append import AppendStrategy
from shoplake.engine.write.table_plan import Batches, FullRefresh, RunSelection


def test_a_repeated_batch_replaces_its_own_rows(engine, spark):
    first = engine.write(marks_raw, records(spark, "1", batch="b1"), Batches(("b1",)))
    engine.write(marks_raw, records(spark, "2", batch="b2"), Batches(("b2",)))

    again = engine.write(marks_raw, records(spark, "2", "3", batch="b2"), Batches(("b2",)))

    assert (first.rows_written, again.rows_written) == (1, 2)
    assert rows_of(engine, marks_raw, "raw") == [("1",), ("2",), ("3",)]


def test_a_run_plans_nothing_for_it():
    plan = AppendStrategy().plan(marks_raw, None, RunSelection(full_refresh=True))

    assert (plan.table, plan.is_nothing, plan.reason) == ("bronze.marks_raw", True, "Its rows come from files.")


def test_files_alone_are_appended(engine, spark):
    with pytest.raises(ValueError, match=r"bronze\.marks_raw is written by Append, which has no FullRefresh"):
        engine.write(marks_raw, records(spark, "1"), FullRefresh())
