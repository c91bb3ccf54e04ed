import io
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError

from rich.console import Console

from shoplake.cli.views.quality.alerts import AcknowledgedView, DeliveryView, IncidentsView, ack_words
from shoplake.quality.alerts.incident import Incident

AT = datetime(2026, 3, 1, tzinfo=UTC)
CONFIG = Path("shoplake.toml")


def incident(state="opened"):
    return Incident("abc123", "stop", "silver.a", "rule", 3, "silver.a is stopped.", state, AT, AT, AT, "ada", "known")


def text(view):
    console = Console(file=io.StringIO(), width=120, markup=False)
    view.render(console)
    return console.file.getvalue()


def test_an_incident_is_a_line_with_the_command_that_acknowledges_it():
    output = text(IncidentsView([incident()], 0, CONFIG))

    assert "abc123" in output and "2026-03-01 00:00" in output and "silver.a is stopped." in output
    assert 'alerts ack abc123 --because "…"' in output


def test_no_incident_and_messages_that_wait_are_said():
    output = text(IncidentsView([], 2, CONFIG))

    assert "No incident is open." in output and "2 messages not delivered yet" in output


def test_the_settings_are_the_last_words_of_a_command():
    assert ack_words("a", Path("x y.toml")) == ["ack", "a", "--because", '"…"', "--config", "'x y.toml'"]


def test_an_acknowledgement_says_whether_it_is_over():
    assert "its end is" in text(AcknowledgedView(incident("acknowledged")))
    assert "It is over." in text(AcknowledgedView(incident("resolved")))


def test_each_channel_is_a_line():
    refused = URLError(ConnectionRefusedError())
    assert text(DeliveryView({"email": None, "webhook:ops": refused})).splitlines() == [
        "email: delivered",
        "webhook:ops: FAILED, URLError",
        "  Nothing listens at that host and port. Check the address.",
    ]


def test_json_has_times_as_text():
    view = IncidentsView([incident()], 1, CONFIG)

    assert view.to_json()["incidents"][0]["opened_at"] == "2026-03-01T00:00:00+00:00"
