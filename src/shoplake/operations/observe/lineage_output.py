"""Sends lineage events to a file or a server. What cannot be sent never fails a run."""

from __future__ import annotations

import contextlib
import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from shoplake.log import hide_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.operations.observe.lineage_events import Event, LineageListener

KEY = "SHOPLAKE_LINEAGE_TOKEN"
TIMEOUT_S = 5.0
SCHEMES = ("http://", "https://")


class LineageOutput:
    """Sends events to `target`: a file, which gets one line per event, or an http(s) address.

    `problem` says why events were not sent; empty where they were. A server is asked in a thread, so that no run waits
    for it; each event has `timeout_s`, and so have all that wait at the end. The first that fails ends the sending.
    SHOPLAKE_LINEAGE_TOKEN in the environment is sent as bearer token.
    """

    def __init__(self, target: str, timeout_s: float = TIMEOUT_S) -> None:
        self._target, self._timeout_s = target, timeout_s
        self._waiting: SimpleQueue[Event | None] = SimpleQueue()
        self._sender: Thread | None = None
        self.problem = ""

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
        if self.problem:
            return
        if not self._target.startswith(SCHEMES):
            with self._explained():
                _append(Path(self._target), events)
            return
        for event in events:
            self._waiting.put(event)
        if self._sender is None:
            self._sender = Thread(target=self._send_waiting, name="shoplake-lineage", daemon=True)
            self._sender.start()

    def close(self) -> None:
        """Wait until the events are sent; set `problem` where that takes too long."""
        if self._sender is None:
            return
        self._waiting.put(None)
        self._sender.join(self._timeout_s)
        if self._sender.is_alive() and not self.problem:
            self.problem = hide_secrets(f"Lineage events were not sent to {self._target}: it is too slow.")

    def _send_waiting(self) -> None:
        with self._explained():
            while (event := self._waiting.get()) is not None:
                self._post(event)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            self.problem = hide_secrets(f"Lineage events were not sent to {self._target}: {reason}.")

    def _post(self, event: Event) -> None:
        headers = {"Content-Type": "application/json"}
        if token := os.environ.get(KEY):
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self._target, json.dumps(event).encode(), headers)
        with urllib.request.urlopen(request, timeout=self._timeout_s):  # nosec B310  # http or https alone
            pass


def _append(path: Path, events: list[Event]) -> None:
    """Append all events in one write, so that a reader sees whole lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as file:
        file.write("".join(f"{json.dumps(event)}\n" for event in events).encode())
