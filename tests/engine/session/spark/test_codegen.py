from types import SimpleNamespace

import pytest
from pyspark.errors import PySparkException

from shoplake.engine.session.spark.codegen import COMPILE_FROM_ROWS, INTERPRETED, set_codegen


class Conf:
    """The settings of a session that differ from its server's."""

    def __init__(self):
        self.values = {}

    def set(self, name, value):
        self.values[name] = value

    def unset(self, name):
        self.values.pop(name, None)


class FixedConf(Conf):
    """The settings of a server that accepts none."""

    def set(self, name, value):
        raise PySparkException(f"{name} cannot be set")

    unset = set


@pytest.fixture
def session():
    return SimpleNamespace(conf=Conf())


def test_queries_over_few_rows_are_interpreted_and_over_many_compiled_again(session):
    set_codegen(session, COMPILE_FROM_ROWS - 1)
    assert session.conf.values == INTERPRETED

    set_codegen(session, COMPILE_FROM_ROWS)
    assert session.conf.values == {}


def test_a_server_that_forbids_the_settings_is_used_as_it_is():
    set_codegen(SimpleNamespace(conf=FixedConf()), 1)
