import logging

import pytest
from sample_lake import SampleLake
from sample_tables import CATALOG, mark

from shoplake.pipeline.logged_run import LoggingListener, run_logged


@pytest.fixture
def sample(spark, tmp_path):
    sample = SampleLake(spark, tmp_path)
    sample.drop("marks/1", mark("a"))
    return sample


class Heard(list):
    """A listener that keeps what it is notified of."""

    def started(self, table):
        self.append(table)

    def finished(self, step):
        self.append(step)


def test_a_listener_is_notified_of_each_table_beside_the_log(sample, caplog):
    caplog.set_level(logging.INFO, "shoplake.pipeline")
    heard = Heard()

    result = run_logged(sample.engine, CATALOG, sample.state, sample.settings, heard)

    assert [each for each in heard if not isinstance(each, str)] == result.tables
    started = [record for record in caplog.records if record.getMessage() == "table started"]
    assert len(started) == len(result.tables) == len([each for each in heard if isinstance(each, str)])


def test_a_run_that_fails_is_logged_and_fails(sample, caplog):
    def lost():
        raise RuntimeError("lost")

    with pytest.raises(RuntimeError, match="lost"):
        run_logged(sample.engine, CATALOG, sample.state, sample.settings, lease_check=lost)

    assert "run failed after" in caplog.text and "RuntimeError" in caplog.text


def test_without_a_listener_tables_are_logged_all_the_same(caplog):
    caplog.set_level(logging.INFO, "shoplake.pipeline")

    LoggingListener(None).started("silver.marks")

    assert [record.getMessage() for record in caplog.records] == ["table started"]
