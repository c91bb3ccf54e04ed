import json

import pytest

from shoplake import engine


@pytest.fixture
def server(monkeypatch):
    own = engine.Server(4242, 15003, "secret", 1_800_000_000.0, "/state/server.log")
    other = engine.Server(4343, 15004, "secret", 1_800_000_060.0, "/other/server.log")
    monkeypatch.setattr(engine, "running_server", lambda: own)
    for name in ("list_servers", "stop_servers"):
        monkeypatch.setattr(engine, name, lambda: [own, other])


def test_status_shows_each_server_and_never_its_token(shoplake, server):
    output = shoplake("spark", "status").stdout

    assert "Spark server: running since 2027-01-15 08:00:00 UTC, process 4242, 127.0.0.1:15003." in output
    assert "of another shoplake: running since 2027-01-15 08:01:00 UTC, process 4343, 127.0.0.1:15004." in output
    assert "Log: /state/server.log" in output and "secret" not in output


def test_status_as_json_has_one_object_per_server_and_no_token(shoplake, server):
    own = {"pid": 4242, "port": 15003, "log": "/state/server.log", "is_of_this_shoplake": True}
    other = {"pid": 4343, "port": 15004, "log": "/other/server.log", "is_of_this_shoplake": False}
    status = json.loads(shoplake("spark", "status", "--json").stdout)
    assert status == {"is_running": True, "servers": [own, other]}


def test_stop_names_the_stopped_processes(shoplake, server):
    assert shoplake("spark", "stop").stdout == "Stopped process 4242.\nStopped process 4343.\n"
    assert json.loads(shoplake("spark", "stop", "--json").stdout) == {"stopped": [4242, 4343]}
