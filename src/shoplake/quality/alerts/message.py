"""Messages about incidents: counts and names, never a value of a record."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.quality.alerts.incident import OPENED, REMINDED, RESOLVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NOTIFIED = (OPENED, REMINDED, RESOLVED)
"""The events that messages are sent about."""
WORDS = {OPENED: "opened", REMINDED: "still open", RESOLVED: "ended"}
SLACK_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


@dataclass(frozen=True)
class Message:
    """A message of one channel. `message_id` is the same each time it is sent; `body` is the JSON of its content."""

    message_id: str
    channel: str
    subject: str
    body: str

    @property
    def lines(self) -> list[str]:
        """What happened, a line per incident, as text."""
        content = json.loads(self.body)
        return [f"{WORDS.get(each['event'], each['event'])}: {each['summary']}" for each in content["incidents"]]

    def to_text(self) -> str:
        """Return the text of an e-mail."""
        incidents = json.loads(self.body)["incidents"]
        ids = [f'  shoplake alerts ack {each["incident_id"]} --because "…"' for each in incidents if _can_ack(each)]
        more = ["", "Acknowledge:", *ids] if ids else []
        return "\n".join([*self.lines, "", "All incidents: shoplake alerts list", *more, ""])

    def to_slack(self) -> str:
        """Return the JSON of a message to an incoming webhook of Slack."""
        text = "\n".join([self.subject, *(f"• {line}" for line in self.lines)])
        for character, escape in SLACK_ESCAPES:
            text = text.replace(character, escape)
        return json.dumps({"text": text}, ensure_ascii=False)


def event_key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return what identifies a row of `ops.incidents`."""
    return row["incident_id"], row["event"], row["recorded_at"].isoformat()


def compose(lake: str, channel: str, rows: Sequence[Mapping[str, Any]]) -> Message:
    """Return the one message of a channel about rows of `ops.incidents`; the same rows make the same message."""
    counts = Counter(WORDS[row["event"]] for row in rows)
    news = ", ".join(f"{counts[word]} {word}" for word in WORDS.values() if counts[word])
    keys = [list(event_key(row)) for row in rows]
    id = hashlib.sha256(json.dumps([lake, channel, keys]).encode()).hexdigest()[:32]
    body = {"id": id, "lake": lake, "subject": f"shoplake {lake}: {news}", "incidents": [_content(row) for row in rows]}
    return Message(id, channel, str(body["subject"]), json.dumps(body, ensure_ascii=False))


def sample_message(lake: str, channel: str, id: str) -> Message:
    """Return the message that tests a channel."""
    subject = f"shoplake {lake}: test of alerts"
    content = {"event": "test", "kind": "test", "summary": f"The channel {channel} works.", "incident_id": id}
    body = {"id": id, "lake": lake, "subject": subject, "incidents": [content]}
    return Message(id, channel, subject, json.dumps(body))


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
    names: Iterable[str] = ("incident_id", "event", "kind", "table", "check_name", "count", "summary")
    return {name: row[name] for name in names} | {"at": row["recorded_at"].isoformat()}


def _can_ack(content: Mapping[str, Any]) -> bool:
    return content["event"] in (OPENED, REMINDED)
