"""Sends lineage events to a file or a server. What cannot be sent never fails a run."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.log import hide_secrets
from shoplake.operations.observe.http_sender import TIMEOUT_S, HttpSender

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.operations.observe.lineage_events import Event, LineageListener

KEY = "SHOPLAKE_LINEAGE_TOKEN"
SCHEMES = ("http://", "https://")


class LineageOutput:
    """Sends events to `target`: a file, which gets one line per event, or an http(s) address.

    A server is asked in a thread; each event has `timeout_s`, and so have all that wait at the end.
    SHOPLAKE_LINEAGE_TOKEN in the environment is sent as bearer token.
    """

    def __init__(self, target: str, timeout_s: float = TIMEOUT_S) -> None:
        self._target, self._failure = target, ""
        token = os.environ.get(KEY)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._sender = HttpSender(target, headers, timeout_s) if target.startswith(SCHEMES) else None

    @property
    def problem(self) -> str:
        """Why events were not sent; empty where they were."""
        reason = self._sender.problem if self._sender else self._failure
        return hide_secrets(f"Lineage events were not sent to {self._target}: {reason}.") if reason else ""

    @contextlib.contextmanager
    def following(self, listener: LineageListener) -> Iterator[None]:
        """Send the events of a run that fails inside `with`, and wait for those that are not sent yet."""
        try:
            yield
        except Exception as error:
            listener.failed(error)
            raise
        finally:
            self.close()

    def send(self, events: list[Event]) -> None:
        """Send events; set `problem` where that fails."""
        if self._sender is not None:
            for event in events:
                self._sender.send(event)
        elif not self._failure:
            try:
                _append(Path(self._target), events)
            except OSError as error:
                self._failure = str(error)

    def close(self) -> None:
        """Wait until the events are sent; set `problem` where that takes too long."""
        if self._sender is not None:
            self._sender.close()


def _append(path: Path, events: list[Event]) -> None:
    """Append all events in one write, so that a reader sees whole lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as file:
        file.write("".join(f"{json.dumps(event)}\n" for event in events).encode())
