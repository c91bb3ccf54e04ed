import pytest

from shoplake.serve.dashboard.charts.drawn_charts import DrawnCharts, write_charts
from shoplake.serve.dashboard.charts.renderer import ChartRenderer, render_spec
from shoplake.serve.dashboard.first_charts import draw_first_charts
from tests.serve.dashboard.browser.conftest import HOST

PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@pytest.mark.sample
def test_the_first_paint_after_a_refresh_renders_no_chart(visit, serve, generation, tmp_path, record_property):
    rendered = []
    write_charts(tmp_path, draw_first_charts(generation))
    renderer = ChartRenderer(lambda spec: rendered.append(spec) or render_spec(spec), DrawnCharts(tmp_path))

    with visit(serve(generation, renderer=renderer)) as page:
        page.goto(f"{HOST}/")
        page.wait_for_function(PAINT)
        record_property("first_contentful_paint_ms", page.evaluate(PAINT))
        drawn = page.locator("svg[role=img]").count()

    assert rendered == []
    assert drawn == 2
