"""Renders charts in a process of its own, because rendering holds Python's lock; keeps them by generation."""

from __future__ import annotations

import json
import logging
import os
from collections import OrderedDict
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Lock, Thread
from typing import TYPE_CHECKING

from shoplake.serve.dashboard.charts.interactive import bundle_script
from shoplake.serve.dashboard.charts.line_chart import BOTTOM, HEIGHT, NARROW, TOP, WIDE, LineChart
from shoplake.serve.dashboard.charts.svg import label_svg, shrink_svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoplake.serve.dashboard.charts.drawn_charts import DrawnCharts

log = logging.getLogger("shoplake.serve.dashboard")
MAX_CHARTS = 512
TIMEOUT_S = 20.0
NOT_DRAWN = '<svg><text x="8" y="24">This chart cannot be drawn now. Its table has the numbers.</text></svg>'


def render_spec(spec: str) -> str:
    """Return the small SVG of a Vega-Lite specification (JSON). It reads no data from addresses or files."""
    import vl_convert

    return shrink_svg(vl_convert.vegalite_to_svg(json.loads(spec), allowed_base_urls=[]))


def end_with_parent() -> None:
    """End this worker when its parent ends, however that ends; a worker waits for its next task forever otherwise."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(0)


def _called(render: Callable[[str], str], spec: str) -> Future[str]:
    """Render in this process; the result, or the error, is there at once."""
    made = Future[str]()
    try:
        made.set_result(render(spec))
    except Exception as error:  # raised where the chart is waited for, as one of a worker is
        made.set_exception(error)
    return made


class ChartRenderer:
    """Renders Vega-Lite specifications; the last 512 are kept, those of equal specifications are equal.

    `render` is called with the JSON of a specification; without it a worker process renders. What `drawn` has is not
    rendered at all. A worker that has ended is replaced; a chart that cannot be rendered says so, and is tried again
    when it is next asked for.
    """

    def __init__(self, render: Callable[[str], str] | None = None, drawn: DrawnCharts | None = None) -> None:
        self._render, self._drawn, self._lock = render, drawn, Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._script: Future[str] | None = None
        self._charts: OrderedDict[str, Future[str] | str] = OrderedDict()

    def start(self) -> None:
        """Start the worker and load the library in it, so that the first page does not wait for it."""
        if self._render is None:
            self._submit(json.dumps({"data": {"values": []}, "mark": "point"}))

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    def script(self) -> str:
        """Return the script of interactive charts; it is made once."""
        if self._render is not None:
            return bundle_script()
        with self._lock:
            if self._script is None or (self._script.done() and self._script.exception() is not None):
                self._script = self._begin(bundle_script)
            script = self._script
        return script.result(timeout=TIMEOUT_S)

    def draw(self, chart: LineChart) -> tuple[str, str]:
        """Return the SVG of a chart for wide and for narrow screens."""
        specs = {width: json.dumps(chart.spec(width), sort_keys=True) for width in (WIDE, NARROW)}
        waiting = {width: self._submit(spec) for width, spec in specs.items()}
        drawn = [self._finish(specs[width], waiting[width], chart, width) for width in (WIDE, NARROW)]
        return drawn[0], drawn[1]

    def _finish(self, spec: str, waiting: Future[str] | str, chart: LineChart, width: int) -> str:
        try:
            svg = self._wait(spec, waiting)
        except Exception:  # a page without one of its charts is of more use than none
            log.exception("chart: '%s' cannot be drawn", chart.name)
            with self._lock:
                self._charts.pop(spec, None)
            svg = NOT_DRAWN
        return label_svg(svg, chart.name, width, TOP + HEIGHT + BOTTOM, chart.read_outs(width))

    def _wait(self, spec: str, waiting: Future[str] | str, *, may_repeat: bool = True) -> str:
        """Return the SVG of a specification; one whose worker has ended meanwhile is rendered once more."""
        try:
            svg = waiting if isinstance(waiting, str) else waiting.result(timeout=TIMEOUT_S)
        except BrokenExecutor:
            if not may_repeat:
                raise
            with self._lock:
                self._charts.pop(spec, None)
            return self._wait(spec, self._submit(spec), may_repeat=False)
        with self._lock:
            self._charts[spec] = svg
        return svg

    def _submit(self, spec: str) -> Future[str] | str:
        with self._lock:
            if spec in self._charts:
                self._charts.move_to_end(spec)
                return self._charts[spec]
            drawn: Future[str] | str | None = self._drawn.find(spec) if self._drawn else None
            if drawn is None:
                drawn = self._begin(render_spec, spec) if self._render is None else _called(self._render, spec)
            self._charts[spec] = drawn
            while len(self._charts) > MAX_CHARTS:
                self._charts.popitem(last=False)
            return drawn

    def _begin(self, function: Callable[..., str], *arguments: str) -> Future[str]:
        """Let the worker call a function, or another one where it has ended."""
        try:
            return self._worker().submit(function, *arguments)
        except BrokenExecutor:
            self._pool = None
            return self._worker().submit(function, *arguments)

    def _worker(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent)
        return self._pool
