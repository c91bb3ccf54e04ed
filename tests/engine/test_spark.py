import socket

import pytest
from pyspark.sql import SparkSession

from shoplake.engine import spark
from shoplake.errors import EngineError


def test_a_server_that_does_not_answer_is_one_line_at_once(monkeypatch):
    monkeypatch.setenv(spark.TOKEN, "very secret")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(
        EngineError, match=f'No Spark Connect server answers at 127.0.0.1:{port}.*remote = "local"'
    ) as raised:
        spark.session(f"sc://127.0.0.1:{port}")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("remote", ["sc://host:1", "sc://host:1/", "sc://host:1/;use_ssl=true"])
def test_the_token_of_the_environment_goes_along(monkeypatch, remote):
    monkeypatch.setenv(spark.TOKEN, "secret")

    assert spark._with_token(remote).startswith("sc://host:1/;")
    assert spark._with_token(remote).endswith(";token=secret")


def test_without_remote_the_session_that_is_there_is_taken(spark_there):
    assert spark.session(None) is spark_there


@pytest.fixture
def spark_there(monkeypatch, request):
    made = request.getfixturevalue("spark")
    monkeypatch.setattr(SparkSession, "getActiveSession", staticmethod(lambda: made))
    return made


def test_without_remote_and_session_it_is_said_what_to_set(monkeypatch):
    def none_there(_):
        raise RuntimeError("no remote")

    monkeypatch.setattr(SparkSession, "getActiveSession", staticmethod(lambda: None))
    monkeypatch.setattr(SparkSession.Builder, "getOrCreate", none_there)

    with pytest.raises(EngineError, match=r"There is no Spark session here: no remote Set remote in shoplake.toml"):
        spark.session(None)
