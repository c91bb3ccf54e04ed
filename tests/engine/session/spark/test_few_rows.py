import pytest
from pyspark.errors import PySparkException

from shoplake.engine.session.spark.few_rows import (
    COMPILE_FROM_ROWS,
    IN_PLACE,
    INTERPRETED,
    ONE_TASK,
    SPLIT_FROM_ROWS,
    expect_rows,
)

SERVER = {"spark.sql.shuffle.partitions": "8"}


class Conf:
    """The settings of a session, at first those of its server."""

    def __init__(self):
        self.values = dict(SERVER)

    def get(self, name, default):
        return self.values.get(name, default)

    def set(self, name, value):
        self.values[name] = value

    def unset(self, name):
        self.values.pop(name, None)


class FixedConf(Conf):
    """The settings of a server that accepts none."""

    def set(self, name, value):
        raise PySparkException(f"{name} cannot be set")

    unset = set


class Session:
    def __init__(self, conf):
        self.conf = conf


@pytest.fixture
def session():
    return Session(Conf())


def test_queries_over_few_rows_are_interpreted_and_over_many_compiled_again(session):
    expect_rows(session, COMPILE_FROM_ROWS - 1)
    assert session.conf.values == SERVER | INTERPRETED

    expect_rows(session, COMPILE_FROM_ROWS)
    assert session.conf.values == SERVER


def test_few_rows_have_one_task_a_step_and_more_as_many_as_on_the_server(session):
    expect_rows(session, SPLIT_FROM_ROWS - 1)
    assert session.conf.values == INTERPRETED | ONE_TASK

    expect_rows(session, SPLIT_FROM_ROWS)
    assert session.conf.values == SERVER | INTERPRETED


def test_rows_of_one_partition_are_joined_in_place_until_there_are_many(session):
    expect_rows(session, SPLIT_FROM_ROWS, is_gathered=True)
    assert session.conf.values == SERVER | INTERPRETED | ONE_TASK | IN_PLACE

    expect_rows(session, COMPILE_FROM_ROWS)
    assert session.conf.values == SERVER


def test_a_server_that_forbids_the_settings_is_used_as_it_is():
    expect_rows(Session(FixedConf()), 1)
