import io
from datetime import UTC, datetime, timedelta

from rich.console import Console

from shoplake.cli.views.observe.errors import ErrorsView
from shoplake.pipeline.error_log import ErrorSummary

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
ERROR = ErrorSummary("f1", "silver.marks", "ValueError", "Cannot cast …", "shoplake.run", 2, NOON, LATER, "r1")


def rendered(view) -> str:
    console = Console(file=io.StringIO(), width=200)
    view.render(console)
    return console.file.getvalue()


def test_an_error_is_printed_with_where_and_how_often_it_was_seen():
    assert rendered(ErrorsView([ERROR])).splitlines() == [
        "2026-03-02 12:00:00 silver.marks ValueError: Cannot cast …",
        "  2 times, run r1, shoplake.run",
    ]
    assert ErrorsView([ERROR]).to_json()[0]["last_at"] == "2026-03-02T12:00:00+00:00"
    assert rendered(ErrorsView([])) == "No run ended with an error.\n"
