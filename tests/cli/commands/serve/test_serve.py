import json
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event

import click
import pytest

from shoplake.serve import address, server

SETTINGS = '[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "Europe/London"\ncurrency = "GBP"\n'


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "shoplake.toml"
    path.write_text(SETTINGS)
    return path


@pytest.fixture
def served(monkeypatch):
    """What the server is started with; whatever listens on this machine."""
    calls = []
    monkeypatch.setattr(address, "find_address", lambda host, port: host)
    monkeypatch.setattr(server, "serve", lambda *arguments: calls.append(arguments))
    return calls


def test_a_key_is_created_listed_and_revoked(shoplake, config):
    created = shoplake("keys", "create", "--role", "analyst", "--expires", "90d", "--config", config, "--json")
    key = json.loads(created.stdout)

    assert key["secret"].startswith("sl_live_")
    assert key["secret"] not in shoplake("keys", "list", "--config", config).stdout
    assert shoplake("keys", "revoke", key["id"], "--config", config).exit_code == 0
    [listed] = json.loads(shoplake("keys", "list", "--config", config, "--json").stdout)
    assert (listed["state"], listed["role"]) == ("revoked", "analyst")


def test_an_unknown_key_is_named(shoplake, config):
    result = shoplake("keys", "revoke", "key-0", "--config", config)

    assert result.exit_code == 1
    assert "Unknown key 'key-0'" in result.stderr


def test_the_server_listens_on_loopback_and_prints_a_one_time_login(shoplake, config, served):
    port = free_port()
    result = shoplake("serve", "--config", config, "--port", port)

    [(path, settings, _)] = served
    assert (path, settings.host, settings.port) == (config, "127.0.0.1", port)
    assert f"http://127.0.0.1:{port}/login?token=" in result.stdout


def free_port():
    """Return a port of loopback that nobody listens to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_a_port_of_another_server_is_named_before_anything_is_printed(shoplake, config):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = shoplake("serve", "--config", config, "--port", str(other.getsockname()[1]))

    assert (result.exit_code, result.stdout) == (1, "")
    assert "perhaps another shoplake serve" in result.stderr and "Traceback" not in result.stderr


def test_another_host_gets_no_login_without_a_key(shoplake, config, served):
    result = shoplake("serve", "--config", config, "--host", "0.0.0.0")

    assert len(served) == 1
    assert "token=" not in result.stdout


def test_a_refresh_of_an_empty_lake_says_what_to_do(shoplake, config):
    result = shoplake("serve", "--refresh", "--config", config)

    assert result.exit_code == 1
    assert "has no finished run. Fill it: shoplake run" in result.stderr


class Ready(BaseHTTPRequestHandler):
    """Has data to show."""

    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *arguments):
        pass


def test_the_page_is_opened_once_there_is_data_to_show(shoplake, config, monkeypatch):
    opened, pages, port = Event(), [], free_port()
    monkeypatch.setattr(click, "launch", lambda page: (pages.append(page), opened.set()))

    def serve(*arguments):
        assert not pages
        with HTTPServer(("127.0.0.1", port), Ready) as answering:
            answering.handle_request()
        assert opened.wait(60)

    monkeypatch.setattr(server, "serve", serve)
    result = shoplake("serve", "--config", config, "--port", port, "--open")

    assert result.exit_code == 0, result.output
    assert pages[0].startswith(f"http://127.0.0.1:{port}/login?token=")
