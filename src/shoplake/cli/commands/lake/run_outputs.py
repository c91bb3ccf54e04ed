"""What a run sends elsewhere: metrics for Prometheus, and lineage events."""

from __future__ import annotations

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


def run_traced(lake: Lake, listener: ProgressListener, selection: Mapping[str, Any], lineage: str | None) -> RunResult:
    """Run once, and send its lineage events where asked for; what cannot be sent is a warning."""
    if lineage is None:
        return lake.run(listener, **selection)
    from shoplake.operations.observe.lineage_output import LineageOutput

    events, output = lake.lineage(listener), LineageOutput(lineage)
    try:
        with output.following(events):
            result = lake.run(events, **selection)
        output.send(events.completed(result))
    finally:
        if output.problem:
            click.secho(output.problem, fg="yellow", err=True)
    return result
