from __future__ import annotations

import json

import pytest

from shoplake.engine import WriteResult
from shoplake.operations.observe.traces import TraceListener, open_traces
from shoplake.pipeline.run_result import RunListener, TableResult

RUN = "a" * 32


@pytest.fixture
def sent():
    return []


@pytest.fixture
def listener(sent):
    made = TraceListener(sent.append, "shop")
    made.begin(RUN)
    made.started("silver.events")
    made.finished(TableResult("silver.events", WriteResult(5, 3, 2), 0.1, 3, 1))
    made.started("gold.funnel_daily")
    return made


def spans(document):
    [resource] = document["resourceSpans"]
    [scope] = resource["scopeSpans"]
    return {span["name"]: span for span in scope["spans"]}


def values(span):
    return {each["key"]: each["value"] for each in span["attributes"]}


def test_a_run_is_a_trace_with_a_span_for_each_write(sent, listener):
    listener.finished(TableResult("gold.funnel_daily", WriteResult(1, 1), 0.1, 1, 1))
    listener.completed()

    [document] = sent
    found = spans(document)
    assert list(found) == ["run", "silver.events", "gold.funnel_daily"]
    assert {span["traceId"] for span in found.values()} == {RUN}
    assert found["silver.events"]["parentSpanId"] == found["run"]["spanId"] and found["run"]["parentSpanId"] == ""
    assert values(found["silver.events"])["shoplake.rows_quarantined"] == {"intValue": "2"}
    assert int(found["run"]["startTimeUnixNano"]) <= int(found["silver.events"]["startTimeUnixNano"])
    assert {span["status"]["code"] for span in found.values()} == {1}


def test_a_run_that_fails_has_an_error_without_values(sent, listener):
    listener.failed(ValueError("Cannot cast 'canary@example.com'"))

    found = spans(sent[0])
    assert (
        found["gold.funnel_daily"]["status"]
        == found["run"]["status"]
        == {
            "code": 2,
            "message": "ValueError: Cannot cast …",
        }
    )
    assert "canary" not in json.dumps(sent)


def test_a_table_that_is_still_at_work_at_the_end_was_stopped(sent, listener):
    listener.completed()

    assert spans(sent[0])["gold.funnel_daily"]["status"] == {"code": 2, "message": "stopped"}


def test_the_id_of_a_run_reaches_listeners_in_listeners(sent):
    outer = TraceListener(sent.append, listener=TraceListener(sent.append))
    outer.begin(RUN)
    outer._listener.completed()

    assert isinstance(outer, RunListener) and spans(sent[0])["run"]["traceId"] == RUN


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318/"}, "http://127.0.0.1:4318/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/x"}, "http://127.0.0.1:4318/x"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}, None),
    ],
)
def test_traces_are_sent_only_where_the_environment_names_an_endpoint(environment, url):
    sender = open_traces(environment)

    assert (None if sender is None else sender._url) == url


def test_headers_are_those_of_the_environment():
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b, n=1"}

    assert open_traces(environment)._headers == {"api-key": "a b", "n": "1"}


@pytest.mark.parametrize("name", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
@pytest.mark.parametrize("address", ["127.0.0.1:4318", "grpc://127.0.0.1:4317", "http://"])
def test_an_endpoint_that_is_no_address_is_named_and_gets_nothing(name, address):
    sender = open_traces({name: address})
    sender.send({})
    sender.close()

    assert sender.problem == f"{name} is no address that begins with http:// or https://"
