from __future__ import annotations

import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from shoplake.operations.observe.lineage_output import LineageOutput

EVENTS = [{"eventType": "START"}, {"eventType": "COMPLETE"}]


@contextmanager
def server(status=200, delay_s=0.0):
    """The address of a server on loopback, and what it received: token and event."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.headers["Authorization"], json.loads(body)))
            time.sleep(delay_s)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=made.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.server_address[1]}/api/v1/lineage", received
    finally:
        made.shutdown()
        made.server_close()
        thread.join()


def test_events_are_appended_to_a_file_a_line_each(tmp_path):
    output = LineageOutput(str(tmp_path / "folder" / "events.ndjson"))

    output.send(EVENTS)
    output.send(EVENTS[:1])

    lines = (tmp_path / "folder" / "events.ndjson").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [*EVENTS, EVENTS[0]] and output.problem == ""


def test_events_are_posted_with_the_token(monkeypatch):
    monkeypatch.setenv("SHOPLAKE_LINEAGE_TOKEN", "canary")
    with server() as (url, received):
        output = LineageOutput(url)
        output.send(EVENTS)
        output.close()

    assert received == [("Bearer canary", event) for event in EVENTS] and output.problem == ""


@pytest.mark.parametrize(("status", "delay_s"), [(500, 0.0), (200, 0.3)], ids=["refuses", "hangs"])
def test_a_server_that_fails_is_a_problem_and_is_asked_once(status, delay_s):
    with server(status, delay_s) as (url, received):
        output = LineageOutput(url, timeout_s=0.1)
        output.send(EVENTS)
        time.sleep(delay_s)
        output.close()

    assert output.problem.startswith(f"Lineage events were not sent to {url}: ") and len(received) == 1


def test_a_server_that_is_not_there_and_a_folder_are_problems(tmp_path):
    outputs = [LineageOutput("http://127.0.0.1:9/"), LineageOutput(str(tmp_path))]
    for output in outputs:
        output.send(EVENTS)
        output.close()

    assert "Connection refused" in outputs[0].problem and "Is a directory" in outputs[1].problem


def test_a_slow_server_delays_no_event_and_the_end_by_no_more_than_the_time_of_one():
    with server(delay_s=0.3) as (url, _):
        output = LineageOutput(url, timeout_s=0.5)
        began = time.monotonic()
        output.send(EVENTS * 10)
        sent = time.monotonic() - began
        output.close()
        closed = time.monotonic() - began

    assert sent < 0.25 and closed < 2 and output.problem.endswith("it is too slow.")
