import json
import multiprocessing
import subprocess
import sys

import pytest

from shoplake.serve.dashboard.charts.line_chart import WIDE, LineChart, Point
from shoplake.serve.dashboard.charts.renderer import ChartRenderer, render_spec

CHART = LineChart("Sales", [Point("1 Apr", 5.0, 4.0), Point("2 Apr", 7.0, 3.0), Point("3 Apr", 6.0, 2.0)])


def test_equal_charts_are_rendered_once():
    rendered = []
    charts = ChartRenderer(lambda spec: rendered.append(spec) or "<svg><g/></svg>")

    assert charts.draw(CHART) == charts.draw(CHART)
    assert len(rendered) == 2


def test_a_drawing_has_css_colours_no_style_and_is_small():
    svg = render_spec(json.dumps(CHART.spec(WIDE)))

    assert "var(--accent)" in svg and "1 Apr" in svg
    assert "style=" not in svg and len(svg) < 4000


@pytest.mark.parametrize(
    ("most", "label"), [(0.8, "0.5"), (800.0, "500"), (8_000.0, "5k"), (8e6, "5M"), (8e9, "−5B"), (0.0, "0")]
)
def test_the_axis_has_the_units_that_a_shop_uses(most, label):
    chart = LineChart("Sales", [Point("1 Apr", most), Point("2 Apr", -most)])

    assert f">{label}<" in render_spec(json.dumps(chart.spec(WIDE)))


@pytest.mark.slow
def test_a_worker_process_renders_charts():
    charts = ChartRenderer()
    charts.start()
    wide, narrow = charts.draw(CHART)
    charts.close()

    assert "viewBox" in wide and "viewBox" in narrow


@pytest.mark.slow
def test_a_worker_that_was_killed_is_replaced():
    others = set(multiprocessing.active_children())
    charts = ChartRenderer()
    before = charts.script()
    for worker in set(multiprocessing.active_children()) - others:
        worker.kill()
        worker.join()

    assert "cannot be drawn" not in charts.draw(CHART)[0]
    assert charts.script() == before
    charts.close()


def test_a_chart_that_cannot_be_rendered_says_so_and_is_tried_again():
    rendered = []

    def render(spec):
        rendered.append(spec)
        if len(rendered) < 3:
            raise ValueError("a chart has an element that is no drawing")
        return "<svg><g/></svg>"

    charts = ChartRenderer(render)

    assert all("cannot be drawn now" in each for each in charts.draw(CHART))
    assert not any("cannot be drawn" in each for each in charts.draw(CHART))


ABORTED = """
import os
from shoplake.serve.dashboard.charts.renderer import ChartRenderer
if __name__ == "__main__":
    charts = ChartRenderer()
    charts.script()
    os._exit(7)
"""


@pytest.mark.slow
def test_a_worker_ends_with_a_server_that_is_aborted(tmp_path):
    (tmp_path / "aborted.py").write_text(ABORTED)
    aborted = subprocess.run([sys.executable, tmp_path / "aborted.py"], stdout=subprocess.PIPE, timeout=60)

    assert aborted.returncode == 7  # the pipe is read until the worker, which inherits it, has ended too
