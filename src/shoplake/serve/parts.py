"""The parts of the application besides the API: the dashboard, sharing, and tools for assistants."""

from shoplake.serve.app import Part


def load_parts() -> tuple[Part, ...]:
    """Return the parts, in the order in which their routes are tried."""
    return ()
