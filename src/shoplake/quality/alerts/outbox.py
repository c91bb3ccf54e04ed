"""Messages on their way, in `ops.outbox`: recorded before they are sent, and again when they were."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from shoplake.engine import OUTBOX, crash_points, table_exists
from shoplake.quality.alerts.channels import PartlyDeliveredError
from shoplake.quality.alerts.message import NOTIFIED, Message, compose, event_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from shoplake.engine import StateStore

PENDING, SENT, FAILED, EXPIRED = "pending", "sent", "failed", "expired"
WAITING_MARKER = "waiting"
"""How many messages were waiting after a commit."""
RELEVANT = timedelta(days=7)
"""What happened longer ago makes no message any more."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Waiting:
    """A message that was not delivered yet, how often that was tried, and when last."""

    message: Message
    attempts: int
    events: str
    created_at: datetime
    last_at: datetime

    def is_due(self, now: datetime) -> bool:
        """Whether to try again: after a minute, two, four, at most an hour."""
        if not self.attempts:
            return True
        pause = FIRST_PAUSE * int(2 ** min(self.attempts - 1, 10))
        return now - self.last_at >= min(LONGEST_PAUSE, pause)


class Outbox:
    """The messages of a lake. A message is sent at least once: again where a process ended before it was marked."""

    def __init__(self, state: StateStore, lake: str) -> None:
        self._state, self._lake = state, lake

    @property
    def has_waiting(self) -> bool:
        """Whether a message waits, as the last commit says."""
        return table_exists(self._state.path(OUTBOX)) and bool(self._state.marker(OUTBOX, WAITING_MARKER))

    def rows(self) -> list[dict[str, Any]]:
        """Return all rows."""
        return self._state.read(OUTBOX) if table_exists(self._state.path(OUTBOX)) else []

    @crash_points("record_messages")
    def enqueue(self, incidents: Iterable[Mapping[str, Any]], channels: Iterable[str], now: datetime) -> None:
        """Record one message per channel about the rows of `ops.incidents` that none of its messages is about."""
        rows, recent = self.rows(), [each for each in incidents if _is_relevant(each, now)]
        new = []
        for channel in channels:
            known = {tuple(key) for row in rows if row["channel"] == channel for key in json.loads(row["events"])}
            news = [each for each in recent if event_key(each) not in known]
            news.sort(key=lambda each: (each["recorded_at"], each["incident_id"]))
            if news:
                message = compose(self._lake, channel, news)
                new.append(_row(message, json.dumps([event_key(each) for each in news]), PENDING, 0, now))
        self._append(rows, new)

    def waiting(self) -> list[Waiting]:
        """Return the messages that were not delivered, the oldest first."""
        return _waiting(self.rows())

    def due(self, now: datetime, channels: Collection[str]) -> list[Waiting]:
        """Return the messages of some channels to try now, the oldest first: where one is due, all of its channel.

        A channel that answers again would else have that an incident ended before it has that it opened.
        """
        waiting = [each for each in self.waiting() if each.message.channel in channels]
        ready = {each.message.channel for each in waiting if each.is_due(now)}
        return [each for each in waiting if each.message.channel in ready]

    @crash_points("mark_messages")
    def mark(self, tried: Sequence[Waiting], outcomes: Mapping[str, Exception | None], now: datetime) -> None:
        """Record what became of messages: by id None, or the error, of which the class is kept.

        One that some recipients have is sent.
        """
        new = []
        for each in tried:
            error = outcomes[each.message.message_id]
            is_late = now - each.created_at >= RELEVANT
            is_sent = error is None or isinstance(error, PartlyDeliveredError)
            status = SENT if is_sent else EXPIRED if is_late else FAILED
            row = _row(each.message, each.events, status, each.attempts + 1, now)
            new.append(row | {"body": None, "error": error and type(error).__name__})
        self._append(self.rows(), new)

    def _append(self, rows: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
        if new:
            self._state.append(OUTBOX, new, {WAITING_MARKER: len(_waiting([*rows, *new]))})


def _waiting(rows: Iterable[Mapping[str, Any]]) -> list[Waiting]:
    bodies: dict[str, Mapping[str, Any]] = {}
    last: dict[str, Mapping[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["attempt"]):
        bodies.setdefault(row["message_id"], row)
        last[row["message_id"]] = row
    waiting = [
        Waiting(
            Message(id, first["channel"], first["subject"], first["body"]),
            last[id]["attempt"],
            first["events"],
            first["recorded_at"],
            last[id]["recorded_at"],
        )
        for id, first in bodies.items()
        if last[id]["status"] in (PENDING, FAILED)
    ]
    return sorted(waiting, key=lambda each: each.created_at)


def _is_relevant(row: Mapping[str, Any], now: datetime) -> bool:
    return row["event"] in NOTIFIED and now - row["recorded_at"] < RELEVANT


def _row(message: Message, events: str, status: str, attempt: int, at: datetime) -> dict[str, Any]:
    return {
        "message_id": message.message_id,
        "channel": message.channel,
        "status": status,
        "events": events,
        "subject": message.subject,
        "body": message.body,
        "attempt": attempt,
        "error": None,
        "recorded_at": at,
    }
