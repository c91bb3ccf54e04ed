import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pyspark.sql import functions as F
from sample_shop import TABLES, drop_marks, sample_shop, with_tables
from sample_tables import daily, latest

from shoplake.declare import col
from shoplake.declare.catalog import Catalog


@pytest.fixture
def ran(tmp_path):
    """A lake that ran, and a moment after the run."""
    lake = sample_shop(tmp_path)
    drop_marks(lake, 0, "2026-03-01")
    lake.run()
    moment = datetime.now(UTC)
    time.sleep(0.01)
    return lake, moment


def test_a_table_that_is_created_before_the_next_run_is_no_sign_of_a_run_at_work(ran):
    lake, moment = ran

    lake.catalog = Catalog((*TABLES, latest))
    lake.engine.create_if_missing(latest)
    time.sleep(0.01)
    lake.apply()

    assert lake.restore_plan(moment).until == moment


def test_a_column_that_is_added_before_the_next_run_is_no_sign_of_a_run_at_work(ran):
    lake, moment = ran

    def with_note(marks, prices):
        """One row per feed and day."""
        return daily.build(marks, prices).withColumn("note", F.lit("new"))

    columns = (*daily.columns, col("note", "string", "A note"))
    lake = with_tables(lake, replace(daily, build=with_note, columns=columns, _name="daily"))
    lake.apply()

    assert lake.restore_plan(moment).until == moment
