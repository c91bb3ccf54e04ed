import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest

from shoplake.serve.api.access.body_limit import BODY_TIMEOUT_S
from shoplake.serve.keys.key_store import open_keys
from shoplake.serve.server import HEADER_TIMEOUT_MS, MAX_CONNECTIONS, load_app
from shoplake.serve.store.builder import build_store
from shoplake.settings.serve_settings import ServeSettings
from tests.serve.small_lake import SmallLake, customer, sale

SETTINGS = '[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "Europe/London"\ncurrency = "GBP"\n'


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    path = tmp_path_factory.mktemp("project") / "shoplake.toml"
    path.write_text(SETTINGS)
    return path


def test_the_application_of_a_lake_without_a_run_is_not_ready(config):
    app = load_app(config, ServeSettings(folder=str(config.parent / ".shoplake")))

    assert app.state.gate.store.current(with_personal=False) is None
    assert "/v1/sales" in {route.path for route in app.routes}


LOAD_IN_WORKER = """
import gc, sys
from pathlib import Path
from shoplake.serve.server import load_in_worker
from shoplake.settings.serve_settings import ServeSettings

app = load_in_worker(Path(sys.argv[1]), ServeSettings(folder=sys.argv[2]))
sys.exit(any(each is app for each in gc.get_objects()))
"""


@pytest.mark.sample
def test_garbage_is_not_searched_for_in_what_a_worker_has_loaded(config, tmp_path):
    command = [sys.executable, "-c", LOAD_IN_WORKER, config, tmp_path]

    assert subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0


@pytest.mark.sample
def test_a_worker_that_ends_reports_nothing_as_leaked(tmp_path):
    lake = SmallLake(tmp_path)
    lake.run(sales=[sale(1, "10.00")], customers=[customer("C1")])
    build_store(lake)
    config = tmp_path / "shoplake.toml"
    config.write_text(SETTINGS)

    command = [sys.executable, "-c", LOAD_IN_WORKER, config, lake.settings.serve.folder]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)

    assert ended.stderr == ""


def free_port():
    """Return a port of loopback that nobody listens to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@pytest.mark.slow
def test_a_build_that_fails_is_named_without_an_option(config):
    command = [Path(sys.executable).with_name("shoplake"), "serve", "--config", str(config), "--port", free_port()]

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
        said = server.stderr.readline()
        server.send_signal(signal.SIGTERM)

    assert "WARNING shoplake.serve.store store: the build failed: Error: The lake" in said
    assert "has no finished run. Fill it: shoplake run" in said


@pytest.mark.slow
@pytest.mark.parametrize(("ignored", "ends"), [(False, True), (True, False)], ids=["terminal", "nohup"])
def test_a_server_ends_with_its_terminal_but_not_under_nohup(config, ignored, ends):
    command = [Path(sys.executable).with_name("shoplake"), "serve", "--config", str(config), "--port", free_port()]
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGHUP, before)
    with server:
        server.stderr.readline()
        server.send_signal(signal.SIGHUP)
        try:
            has_ended = server.wait(timeout=25) == 0
        except subprocess.TimeoutExpired:
            has_ended = False
            server.send_signal(signal.SIGTERM)

    assert has_ended == ends


@pytest.fixture(scope="module")
def port(config):
    """The port of a running server."""
    port = int(free_port())
    command = [Path(sys.executable).with_name("shoplake"), "serve", "--config", str(config), "--port", str(port)]
    environment = os.environ | {"CANARY_PASSWORD": "canary-password"}
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    until = time.monotonic() + 240
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
            break
        except OSError:
            time.sleep(0.2)
    with server:
        yield port
        server.send_signal(signal.SIGTERM)
        output, _ = server.communicate(timeout=60)
    assert "canary" not in output


def status(port, path, secret=None):
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)) as found:
            return found.status, found.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.mark.slow
def test_a_server_answers_over_http_by_key(port, config):
    _, secret = open_keys(ServeSettings(folder=str(config.parent / ".shoplake"))).create("admin")

    assert status(port, "/v1/openapi.json")[0] == 401
    code, body = status(port, "/v1/openapi.json", secret)
    assert code == 200
    assert "/v1/sales" in json.loads(body)["paths"]
    assert status(port, "/readyz")[0] == 503


@pytest.mark.slow
def test_head_sends_no_body_and_the_connection_goes_on(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        for method in (b"HEAD", b"HEAD", b"GET"):
            client.sendall(method + b" /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            head, _, body = client.recv(4096).partition(b"\r\n\r\n")

            assert head.startswith(b"HTTP/1.1 200 ")
            assert b"content-length: 2\r\n" in head.lower() + b"\r\n"
            assert body == (b"ok" if method == b"GET" else b"")


@pytest.mark.slow
def test_half_a_request_is_not_waited_for(port):
    with socket.create_connection(("127.0.0.1", port), timeout=HEADER_TIMEOUT_MS / 1000 + 20) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")

        assert b"healthz" not in client.recv(1024)


@pytest.mark.slow
def test_more_slow_clients_than_connections_keep_others_waiting_until_their_time_is_over(port):
    with ExitStack() as opened:
        for _ in range(MAX_CONNECTIONS + 40):
            client = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        began = time.monotonic()

        assert status(port, "/healthz")[0] == 200
        assert 1 < time.monotonic() - began < 2 * HEADER_TIMEOUT_MS / 1000 + 20


@pytest.mark.slow
def test_endless_headers_are_refused(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n")
        answer = client.recv(1024)

    assert answer == b"" or b" 431 " in answer or b" 400 " in answer


@pytest.mark.slow
def test_a_browser_logs_in_with_a_key(port, config):
    chromium = shutil.which("chromium") or pytest.skip("no Chromium on PATH; Debian: apt install chromium")
    from playwright.sync_api import sync_playwright

    _, secret = open_keys(ServeSettings(folder=str(config.parent / ".shoplake"))).create("analyst")
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]).new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        page.get_by_label("API key").fill(secret)
        page.get_by_role("button", name="Log in").click()
        assert page.get_by_role("heading").inner_text() == "No data yet"
        assert page.goto(f"http://127.0.0.1:{port}/v1/meta").status == 503
        page.context.browser.close()


@pytest.mark.slow
def test_half_a_body_is_not_waited_for(port):
    with socket.create_connection(("127.0.0.1", port), timeout=BODY_TIMEOUT_S + 20) as client:
        client.sendall(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\nkey=")

        assert client.recv(1024).startswith(b"HTTP/1.1 408 ")
