"""The parts of the application besides the API: the dashboard, sharing, and tools for assistants."""

from shoplake.lake import Lake
from shoplake.serve.app import Part
from shoplake.serve.dashboard.charts.drawn_charts import DrawnCharts
from shoplake.serve.dashboard.charts.renderer import ChartRenderer
from shoplake.serve.dashboard.part import Dashboard
from shoplake.serve.mcp.part import mcp_part
from shoplake.serve.sharing.part import sharing_part


def load_parts(lake: Lake, signing_secret: bytes) -> tuple[Part, ...]:
    """Return the parts over a lake, in the order in which their routes are tried; the secret signs links to files."""
    timezones = {feed.name: feed.timezone for feed in lake.settings.feeds}
    charts = ChartRenderer(drawn=DrawnCharts(lake.settings.serve.store_folder(lake.settings.lake)))
    return (Dashboard(timezones, charts).part(), sharing_part(lake, signing_secret), mcp_part())
