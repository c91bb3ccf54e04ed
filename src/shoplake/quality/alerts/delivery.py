"""Sends messages to several channels at once, and waits for none longer than a deadline."""

from __future__ import annotations

import smtplib
import threading
import time
from typing import TYPE_CHECKING
from urllib.error import HTTPError

from shoplake.quality.alerts.channels import PartlyDeliveredError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.quality.alerts.channels import Channel
    from shoplake.quality.alerts.message import Message

DEADLINE_S = 4.5
"""How long all channels of a run may take together: with recording, less than five seconds."""

REFUSED = (400, 413, 415, 422)
"""What a webhook answers to a body that it does not take."""
REFUSED_MAIL = 500


def deliver(
    messages: Mapping[str, list[Message]], channels: Mapping[str, Channel], deadline_s: float = DEADLINE_S
) -> dict[str, Exception | None]:
    """Send the messages of each channel, by its name, in their order; return by id None, or the error.

    A channel that has not answered by then counts as failed, though it may still deliver: the message comes again.
    After the first error of a channel its other messages are not tried, unless it is only about the first.
    """
    outcomes: dict[str, Exception | None] = {}
    threads = [
        threading.Thread(target=_send_all, args=(channels[name], some, outcomes), name=f"alerts-{name}", daemon=True)
        for name, some in messages.items()
    ]
    end = time.monotonic() + deadline_s
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    done = dict(outcomes)
    return {each.message_id: done.get(each.message_id, TimeoutError()) for some in messages.values() for each in some}


def _send_all(channel: Channel, messages: list[Message], outcomes: dict[str, Exception | None]) -> None:
    for message in messages:
        try:
            channel.send(message)
        except Exception as error:  # whatever a channel raises fails no run
            if not (isinstance(error, PartlyDeliveredError) or _is_about_message(error)):
                outcomes |= {each.message_id: error for each in messages if each.message_id not in outcomes}
                return
            outcomes[message.message_id] = error
            continue
        outcomes[message.message_id] = None


def _is_about_message(error: Exception) -> bool:
    """Whether a server refuses this message: the next ones must not wait for it."""
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= REFUSED_MAIL
    return isinstance(error, HTTPError) and error.code in REFUSED
