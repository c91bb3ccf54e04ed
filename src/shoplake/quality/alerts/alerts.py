"""What a lake does about incidents: record them after a run, and send messages about them."""

from __future__ import annotations

import logging
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shoplake.engine import INCIDENTS, TABLE_RUNS, crash_points, mark_durable, table_exists
from shoplake.errors import LakeLockedError, UnknownTableError
from shoplake.quality.alerts.channels import PartlyDeliveredError, open_channels
from shoplake.quality.alerts.delivery import DEADLINE_S, deliver
from shoplake.quality.alerts.findings import (
    NEW_FIELDS,
    RUN,
    STALE,
    Finding,
    file_findings,
    gate_findings,
    has_ended,
    killed_findings,
    quarantine_findings,
    stop_findings,
)
from shoplake.quality.alerts.incident_log import IncidentLog
from shoplake.quality.alerts.message import sample_message
from shoplake.quality.alerts.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shoplake.engine import StateStore
    from shoplake.pipeline.run_result import RunResult
    from shoplake.quality.alerts.channels import Channel
    from shoplake.quality.alerts.incident import Incident
    from shoplake.quality.alerts.message import Message
    from shoplake.settings.alert_settings import AlertSettings

log = logging.getLogger("shoplake.alerts")


class Alerts:
    """The incidents and messages of a lake.

    `channels` are by default those of the settings; all of them together have `deadline_s`. No error of recording or
    sending is an error of the run that it is about: it is logged.
    """

    def __init__(
        self,
        state: StateStore,
        settings: AlertSettings,
        channels: Sequence[Channel] | None = None,
        deadline_s: float = DEADLINE_S,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._state, self._deadline_s, self._clock = state, deadline_s, clock
        self._lake = state.lake.rpartition("/")[2]
        self._channels = {each.name: each for each in (open_channels(settings) if channels is None else channels)}
        self._log, self._outbox = IncidentLog(state, settings.reminder_s), Outbox(state, self._lake)

    @property
    def incidents(self) -> list[Incident]:
        """All incidents, the oldest first."""
        return self._log.incidents()

    @property
    def undelivered(self) -> int:
        """How many messages wait for their delivery."""
        return len(self._outbox.waiting())

    def after_run(self, result: RunResult) -> None:
        """Record the incidents that a run opens or ends, and send messages."""
        files = {
            "rejected": len(result.rejected),
            "unreadable": len(result.unreadable),
            "unmatched": len(result.unmatched),
            "misread": len(result.misread),
            NEW_FIELDS: len(result.new_fields),
        }
        findings = [
            *killed_findings(result.killed_at),
            *stop_findings(result.stops),
            *quarantine_findings(result.warnings),
            *gate_findings(result.gates),
            *file_findings(files),
        ]
        written = {step.table for step in result.tables} - {stop.table for stop in result.stops}
        self._update(findings, result.run_id, lambda incident: has_ended(incident, written, self._state))

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Record an incident where what is done inside `with` fails; that the lake is busy or a name wrong is none."""
        try:
            yield
        except (LakeLockedError, UnknownTableError):
            raise
        except Exception as error:
            name = type(error).__name__
            self._update(
                [Finding(RUN, None, "failed", 1, f"A run failed: {name}. See shoplake errors.")], uuid.uuid4().hex
            )
            raise

    def check_stale(self, age_s: float | None, limit_s: float) -> bool:
        """Record an incident if the last run is longer ago than the limit, or end it; return whether it is.

        One that is as far in the future says nothing about when a run was: a clock was wrong. `age_s` is None where
        there was no run: that is stale, and the incident is the first thing that the lake has.
        """
        is_stale = age_s is None or abs(age_s) > limit_s
        findings = []
        if is_stale:
            summary = f"{_since(age_s)}; {limit_s / 3600:,.1f} hours are allowed."
            findings = [Finding(STALE, None, "last_run", 1, summary)]
            self._state.create_if_missing()
        self._update(findings, uuid.uuid4().hex, lambda incident: incident.kind == STALE)
        return is_stale

    def find_open(self, incident_id: str) -> Incident:
        """Return an open incident by its id or the start of it. Raises UnknownIncidentError."""
        return self._log.find_open(incident_id)

    def acknowledge(self, incident_id: str, actor: str, because: str) -> Incident:
        """Record that somebody knows of an incident. Raises UnknownIncidentError."""
        acknowledged = self._log.acknowledge(incident_id, actor, because, self._clock())
        mark_durable(self._state.lake)
        return acknowledged

    def test(self) -> dict[str, Exception | None]:
        """Send a test message to each channel; return by channel None, or the error."""
        messages = {name: [sample_message(self._lake, name, uuid.uuid4().hex)] for name in self._channels}
        outcomes = deliver(messages, self._channels, self._deadline_s)
        return {name: outcomes[message.message_id] for name, [message] in messages.items()}

    def _update(
        self,
        findings: Sequence[Finding],
        run_id: str,
        ended: Callable[[Incident], bool] = lambda incident: False,
    ) -> None:
        """Record and send; errors are logged."""
        if not table_exists(self._state.path(TABLE_RUNS)):
            return
        try:
            if not table_exists(self._state.path(INCIDENTS)):
                self._state.create_if_missing()
            has_news = bool(findings) or self._log.has_open
            self._log.update(findings, run_id, self._clock(), ended)
            has_messages = bool(self._channels) and (has_news or self._outbox.has_waiting)
            if has_messages:
                self._send()
            if has_news or has_messages:
                mark_durable(self._state.lake)
        except Exception as error:  # the run itself is done, and its exit code must not depend on this
            log.error("incidents are not recorded: %s", type(error).__name__)

    def _send(self) -> None:
        """Record new messages and send those that are due."""
        now = self._clock()
        self._outbox.enqueue(self._log.rows(), self._channels, now)
        due = self._outbox.due(now, self._channels)
        if not due:
            return
        messages = {name: [each.message for each in due if each.message.channel == name] for name in self._channels}
        outcomes = self._deliver({name: some for name, some in messages.items() if some})
        self._outbox.mark(due, outcomes, self._clock())
        for each in due:
            if error := outcomes[each.message.message_id]:
                what = "to every recipient" if isinstance(error, PartlyDeliveredError) else "at all"
                log.warning("message to %s is not delivered %s: %s", each.message.channel, what, type(error).__name__)

    @crash_points("send_messages")
    def _deliver(self, messages: dict[str, list[Message]]) -> dict[str, Exception | None]:
        return deliver(messages, self._channels, self._deadline_s)


def _since(age_s: float | None) -> str:
    if age_s is None:
        return "No run was ever recorded"
    hours = f"{abs(age_s) / 3600:,.1f} hours"
    return f"No run for {hours}" if age_s > 0 else f"The last run is {hours} in the future, as a clock was wrong"
