import pytest
from pyspark.sql import SparkSession

from shoplake.engine.session.spark import session
from shoplake.errors import EngineError


def test_without_remote_the_session_that_is_there_is_used(spark_there):
    assert session.session(None) is spark_there


@pytest.fixture
def spark_there(monkeypatch, request):
    made = request.getfixturevalue("spark")
    monkeypatch.setattr(SparkSession, "getActiveSession", staticmethod(lambda: made))
    return made


def test_without_remote_and_session_the_error_names_what_to_set(monkeypatch):
    def none_there(_):
        raise RuntimeError("no remote")

    monkeypatch.setattr(SparkSession, "getActiveSession", staticmethod(lambda: None))
    monkeypatch.setattr(SparkSession.Builder, "getOrCreate", none_there)

    with pytest.raises(EngineError, match=r"There is no Spark session here: no remote Set remote in shoplake.toml"):
        session.session(None)
