"""The parts of the application besides the API: the dashboard, sharing, and tools for assistants."""

from shoplake.lake import Lake
from shoplake.serve.app import Part
from shoplake.serve.dashboard.part import Dashboard


def load_parts(lake: Lake) -> tuple[Part, ...]:
    """Return the parts over a lake, in the order in which their routes are tried."""
    return (Dashboard({feed.name: feed.timezone for feed in lake.settings.feeds}).part(),)
