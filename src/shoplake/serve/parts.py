"""The parts of the application besides the API: the dashboard, sharing, and tools for assistants."""

from shoplake.lake import Lake
from shoplake.serve.app import Part
from shoplake.serve.dashboard.part import Dashboard
from shoplake.serve.mcp.part import mcp_part
from shoplake.serve.sharing.part import sharing_part


def load_parts(lake: Lake, signing_secret: bytes) -> tuple[Part, ...]:
    """Return the parts over a lake, in the order in which their routes are tried; the secret signs links to files."""
    dashboard = Dashboard({feed.name: feed.timezone for feed in lake.settings.feeds})
    return (dashboard.part(), sharing_part(lake, signing_secret), mcp_part())
