"""The parts of the application besides the API: the dashboard, sharing, and tools for assistants."""

from shoplake.declare import Feeds
from shoplake.serve.app import Part
from shoplake.serve.dashboard.part import Dashboard


def load_parts(feeds: Feeds = ()) -> tuple[Part, ...]:
    """Return the parts, in the order in which their routes are tried. `feeds` have the time zones of the pages."""
    return (Dashboard({feed.name: feed.timezone for feed in feeds}).part(),)
