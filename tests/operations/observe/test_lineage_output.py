from __future__ import annotations

import json
import time

import pytest

from shoplake.operations.observe.lineage_output import LineageOutput

from .http_server import server

EVENTS = [{"eventType": "START"}, {"eventType": "COMPLETE"}]


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
        until = time.monotonic() + 60
        while not received and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(delay_s)
        output.close()

    assert output.problem.startswith(f"Lineage events were not sent to {url}: ") and len(received) == 1


def test_a_server_that_is_not_there_and_a_folder_are_problems(tmp_path):
    outputs = [LineageOutput("http://127.0.0.1:9/"), LineageOutput(str(tmp_path))]
    for output in outputs:
        output.send(EVENTS)
        output.close()

    assert "Connection refused" in outputs[0].problem and "Is a directory" in outputs[1].problem


def test_a_problem_does_not_tell_the_secrets_of_the_address():
    output = LineageOutput("http://ann:canary@127.0.0.1:9/?api_key=canary")
    output.send(EVENTS)
    output.close()

    assert output.problem.startswith("Lineage events were not sent to http://***@127.0.0.1:9/?api_key=***: ")
