"""What a run sends elsewhere: metrics for Prometheus, and lineage events."""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from shoplake.lake import Lake
    from shoplake.pipeline.run_result import ProgressListener, RunResult


def write_metrics_file(lake: Lake, file: Path | None) -> None:
    """Replace a file with the present metrics of the lake; nothing without a file."""
    if file is not None:
        from shoplake.operations.observe.prometheus import write_metrics

        write_metrics(file, lake.metrics())


@contextmanager
def metrics_output(lake: Lake, file: Path | None, port: int | None) -> Iterator[Callable[[], None]]:
    """Yield what writes the present metrics of the lake to a file and to a server, where there are."""
    from shoplake.operations.observe.metrics_server import MetricsServer

    with nullcontext() if port is None else MetricsServer(port) as server:

        def write() -> None:
            write_metrics_file(lake, file)
            if server is not None:
                server.text = lake.metrics()

        yield write


@contextmanager
def observed(
    lake: Lake, listener: ProgressListener, lineage: str | None
) -> Iterator[tuple[ProgressListener, Callable[[], None]]]:
    """Yield the listener of runs, and what to call after each, for lineage events and traces.

    Traces are sent where the environment names an endpoint of OpenTelemetry. What cannot be sent is a warning.
    """
    with (
        traced(listener) as (inner, end_trace),
        lineage_output(lake, inner, lineage) as (outer, end_lineage),
    ):

        def completed() -> None:
            end_lineage()
            end_trace()

        yield outer, completed


@contextmanager
def traced(listener: ProgressListener) -> Iterator[tuple[ProgressListener, Callable[[], None]]]:
    """Yield the listener that sends a trace of each run, and what to call after each."""
    from shoplake.operations.observe.traces import SERVICE, TraceListener, open_traces

    sender = open_traces()
    if sender is None:
        yield listener, lambda: None
        return
    traces = TraceListener(sender.send, os.environ.get(SERVICE, "shoplake"), listener)
    try:
        yield traces, traces.completed
    except Exception as error:
        traces.failed(error)
        raise
    finally:
        sender.close()
        if sender.problem:
            click.secho(f"Traces were not sent: {sender.problem}.", fg="yellow", err=True)


@contextmanager
def lineage_output(
    lake: Lake, listener: ProgressListener, lineage: str | None
) -> Iterator[tuple[ProgressListener, Callable[[], None]]]:
    """Yield the listener of runs, and what to call after each; what cannot be sent of lineage events is a warning."""
    if lineage is None:
        yield listener, lambda: None
        return
    from shoplake.operations.observe.lineage_output import LineageOutput

    output = LineageOutput(lineage)
    events = lake.lineage(output.send, listener)
    try:
        with output.following(events):
            yield events, events.completed
    finally:
        if output.problem:
            click.secho(output.problem, fg="yellow", err=True)


def run_traced(lake: Lake, listener: ProgressListener, selection: Mapping[str, Any], lineage: str | None) -> RunResult:
    """Run once, and send its lineage events and its trace where asked for."""
    with observed(lake, listener, lineage) as (events, completed):
        result = lake.run(events, **selection)
        completed()
    return result
