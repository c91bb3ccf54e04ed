import logging

import pytest
from starlette.testclient import TestClient

from shoplake.serve.app import create_app
from shoplake.serve.dashboard.charts.drawn_charts import DrawnCharts, write_charts
from shoplake.serve.dashboard.charts.renderer import ChartRenderer
from shoplake.serve.dashboard.first_charts import draw_first_charts, write_first_charts
from shoplake.serve.dashboard.part import PAGES, Dashboard
from shoplake.settings.serve_settings import ServeSettings
from tests.serve.dashboard.conftest import DRAWING, NOW
from tests.serve.fake_store import FakeStore


def browser(keys, generation, renderer):
    dashboard = Dashboard({"shop": "Europe/London"}, renderer, lambda: NOW)
    app = create_app(FakeStore(generation), keys, ServeSettings(requests_per_second=10_000), [dashboard.part()])
    client = TestClient(app, base_url="http://127.0.0.1")
    client.headers["Authorization"] = f"Bearer {keys.create('admin')[1]}"
    return client


@pytest.fixture(scope="module")
def drawn(generation):
    return draw_first_charts(generation, lambda spec: DRAWING)


def test_no_page_renders_a_chart_after_a_refresh(keys, generation, drawn, tmp_path):
    rendered = []
    write_charts(tmp_path, drawn)
    renderer = ChartRenderer(lambda spec: rendered.append(spec) or DRAWING, DrawnCharts(tmp_path))
    client = browser(keys, generation, renderer)

    assert [client.get(path).status_code for path in PAGES] == [200] * len(PAGES)
    assert rendered == []
    client.get("/?days=7")
    assert len(rendered) == 2


def test_both_widths_of_the_chart_of_sales_are_drawn(drawn):
    assert len(drawn) >= 2 and set(drawn.values()) == {DRAWING}


def test_a_failure_is_logged_and_not_raised(empty, tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "shoplake.serve.store"):
        write_first_charts(tmp_path / "absent", empty)

    assert "charts are drawn when they are asked for" in caplog.text
