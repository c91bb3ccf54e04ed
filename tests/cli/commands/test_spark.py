import json

import pytest

from shoplake.engine.session.spark import server as spark_server


@pytest.fixture
def server(monkeypatch):
    made = spark_server.Server(4242, 15003, "secret", 1_800_000_000.0, "/state/server.log")
    other = spark_server.Server(4343, 15004, "secret", 1_800_000_060.0, "/other/server.log")
    monkeypatch.setattr(spark_server, "running", lambda: made)
    for name in ("servers", "stop"):
        monkeypatch.setattr(spark_server, name, lambda: [made, other])


def test_status_says_where_it_runs_and_keeps_its_token_to_itself(shoplake, server):
    said = shoplake("spark", "status").stdout

    assert "It runs since 2027-01-15 08:00:00 UTC: process 4242, 127.0.0.1:15003." in said and "secret" not in said
    assert "Another shoplake's runs since 2027-01-15 08:01:00 UTC: process 4343, 127.0.0.1:15004." in said
    own = {"pid": 4242, "port": 15003, "log": "/state/server.log", "is_of_this_shoplake": True}
    other = {"pid": 4343, "port": 15004, "log": "/other/server.log", "is_of_this_shoplake": False}
    assert json.loads(shoplake("spark", "status", "--json").stdout) == {"runs": True, "servers": [own, other]}


def test_stop_says_what_was_stopped(shoplake, server):
    assert shoplake("spark", "stop").stdout == "Stopped process 4242.\nStopped process 4343.\n"


def test_without_a_server_both_say_so(shoplake, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert shoplake("spark", "status").stdout.startswith("It does not run.")
    assert shoplake("spark", "stop").stdout == "It does not run.\n"
