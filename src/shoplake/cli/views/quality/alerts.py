"""Views of incidents and of what became of messages."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import command_line, pluralize, print_next_steps, text_table
from shoplake.quality.alerts.advice import advice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from shoplake.quality.alerts.incident import Incident


@dataclass(frozen=True)
class IncidentsView:
    """Incidents, the oldest first, and how many messages wait."""

    incidents: Sequence[Incident]
    undelivered: int
    config: Path

    def render(self, console: Console) -> None:
        """Print a line per incident."""
        if not self.incidents:
            console.print("No incident is open.")
        else:
            table = text_table("incident", "opened (UTC)", "state", "what")
            for each in self.incidents:
                table.add_row(each.incident_id, f"{each.opened_at:%Y-%m-%d %H:%M}", each.state, each.summary)
            console.print(table)
        if self.undelivered:
            waiting = pluralize(self.undelivered, "message")
            console.print(f"{waiting} not delivered yet; runs try again.", style="yellow")
        if still := [each for each in self.incidents if each.state == "opened"]:
            print_next_steps(console, command_line("alerts", *ack_words(still[0].incident_id, self.config)))

    def to_json(self) -> dict[str, Any]:
        """Return the incidents and the number of messages that wait."""
        return {"incidents": [_json(each) for each in self.incidents], "undelivered": self.undelivered}


@dataclass(frozen=True)
class AcknowledgedView:
    """An incident that was acknowledged."""

    incident: Incident

    def render(self, console: Console) -> None:
        """Print what follows."""
        more = "It is over." if not self.incident.is_open else "No reminder is sent; its end is."
        console.print(f"{self.incident.incident_id} is acknowledged by {self.incident.actor}. {more}", soft_wrap=True)

    def to_json(self) -> dict[str, Any]:
        """Return the incident."""
        return _json(self.incident)


@dataclass(frozen=True)
class DeliveryView:
    """Whether each channel delivered a message: None, or the error."""

    outcomes: Mapping[str, Exception | None]

    def render(self, console: Console) -> None:
        """Print a line per channel, and below one that failed what to do."""
        for name, error in self.outcomes.items():
            failed = "" if error is None else f"FAILED, {type(error).__name__}"
            console.print(f"{name}: {failed or 'delivered'}", soft_wrap=True)
            if error is not None and (text := advice(error)):
                console.print(f"  {text}", soft_wrap=True)

    def to_json(self) -> dict[str, Any]:
        """Return the class of the error of each channel, or null."""
        return {name: error and type(error).__name__ for name, error in self.outcomes.items()}


def ack_words(incident_id: str, config: Path) -> list[str]:
    """Return the words of the command that acknowledges an incident; options of a group's command are at its end."""
    options = [] if config == Path("shoplake.toml") else ["--config", shlex.quote(str(config))]
    return ["ack", incident_id, "--because", '"…"', *options]


def _json(incident: Incident) -> dict[str, Any]:
    cells = asdict(incident)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in cells.items()}
