"""SIGINT and SIGTERM end what repeats, once the run in progress is done."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any, Self

from shoplake.cli.watch.process_restart import STOPPING, ProcessRestart

if TYPE_CHECKING:
    from types import TracebackType

    from shoplake.cli.watch.process_restart import Handover


class StopSignals:
    """Sets `stop` at the first SIGINT or SIGTERM inside a `with`; the second one interrupts.

    A process that starts itself again receives them until then.
    """

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._previous: dict[signal.Signals, Any] = {}
        self.received = False

    def __enter__(self) -> Self:
        self._previous = {number: signal.signal(number, self._handle) for number in STOPPING}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not isinstance(error, ProcessRestart):
            for number, handler in self._previous.items():
                signal.signal(number, handler)

    def resume(self, handover: Handover) -> None:
        """Receive the signals that came while this process started again, and those to come."""
        if handover.release_signals() and not self.received:
            self._receive()

    def _handle(self, number: int, frame: object) -> None:
        if self.received:
            raise KeyboardInterrupt
        self._receive()

    def _receive(self) -> None:
        self.received = True
        # In a thread: the main thread may be inside `stop.wait` and own the lock of the event.
        threading.Thread(target=self._stop.set).start()
