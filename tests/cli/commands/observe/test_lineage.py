import json


def test_a_run_appends_its_events_and_a_server_that_is_not_there_is_a_warning(shoplake, filled, tmp_path):
    done = shoplake("run", "--lineage", tmp_path / "events.ndjson", "--config", filled)
    unsent = shoplake("run", "--lineage", "http://127.0.0.1:9/", "--config", filled)

    events = [json.loads(line) for line in (tmp_path / "events.ndjson").read_text().splitlines()]
    assert (done.exit_code, [each["eventType"] for each in events]) == (0, ["START", "COMPLETE"])
    assert unsent.exit_code == 0 and "Lineage events were not sent to http://127.0.0.1:9/" in unsent.stderr


def test_a_trace_that_cannot_be_sent_is_a_warning(shoplake, filled, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")

    unsent = shoplake("run", "--config", filled)

    assert unsent.exit_code == 0 and "Traces were not sent: [Errno 111] Connection refused." in unsent.stderr
