import pytest
from starlette.testclient import TestClient

from shoplake.serve.app import create_app
from shoplake.serve.dashboard.charts.drawn_charts import DrawnCharts, write_charts
from shoplake.serve.dashboard.charts.renderer import ChartRenderer, render_spec
from shoplake.serve.dashboard.first_charts import draw_first_charts
from shoplake.serve.dashboard.part import Dashboard
from shoplake.settings.serve_settings import ServeSettings
from tests.serve.dashboard.browser.conftest import HOST
from tests.serve.dashboard.conftest import NOW
from tests.serve.fake_store import FakeStore

PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@pytest.mark.sample
def test_the_first_paint_after_a_refresh_renders_no_chart(visit, keys, generation, tmp_path, record_property):
    rendered = []
    write_charts(tmp_path, draw_first_charts(generation))
    renderer = ChartRenderer(lambda spec: rendered.append(spec) or render_spec(spec), DrawnCharts(tmp_path))
    dashboard = Dashboard({"shop": "Europe/London"}, renderer, lambda: NOW)
    app = create_app(FakeStore(generation), keys, ServeSettings(requests_per_second=10_000), [dashboard.part()])
    client = TestClient(app, base_url=HOST, follow_redirects=False)
    client.headers["Authorization"] = f"Bearer {keys.create('admin')[1]}"

    with visit(client) as page:
        page.goto(f"{HOST}/")
        page.wait_for_function(PAINT)
        record_property("first_contentful_paint_ms", page.evaluate(PAINT))
        drawn = page.locator("svg[role=img]").count()

    assert rendered == []
    assert drawn == 2
