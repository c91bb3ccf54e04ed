"""A process with one command on a lake of a life, which sends itself a signal: `python -m … signalled_command FILE`.

The file is a pickled `SignalledCommand`.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_S = 60.0
"""A command that does not end says where it is, and ends."""
QUIET_S = 1.0
"""A watch that reaches no crash point for so long gets its signals then: it ends by a signal alone."""


@dataclass(frozen=True)
class SignalledCommand:
    """Words of the command line, what opens the lake, and the signals.

    The first one comes `delay_s` after the `nth` crash point is reached, each further one so long after that.
    """

    words: tuple[str, ...]
    open: Callable[[], Lake]
    signals: tuple[int, ...]
    nth: int
    delay_s: float
    is_alone: bool

    def run(self) -> None:
        """Do the command as the command line does, and end this process."""
        from shoplake.cli.process import run_process

        faulthandler.dump_traceback_later(LONGEST_S, exit=True)
        lake, sender = self.open(), _Sender(self)
        set_crash_hook(sender.reach)
        if "--watch" in self.words:
            threading.Thread(target=sender.wait_until_quiet, daemon=True).start()
        sys.argv[1:] = self.words
        parallel = {"return_value": 1} if self.is_alone else {"side_effect": lambda *_: 2}
        with (
            mock.patch.object(Lake, "open", lambda *_: lake),
            mock.patch("shoplake.pipeline.runner.max_parallel", **parallel),
        ):
            run_process()


class _Sender:
    def __init__(self, command: SignalledCommand) -> None:
        self._command, self._reached, self._last_at = command, 0, time.monotonic() + 60
        self._lock = threading.Lock()

    def reach(self, name: str) -> None:
        """Count a crash point; at the one that is meant the signals begin."""
        self._last_at = time.monotonic()
        with self._lock:
            self._reached += 1
            is_meant = self._reached == self._command.nth
        if not is_meant:
            return
        if self._command.delay_s:
            threading.Thread(target=self._send, daemon=True).start()
        else:
            self._send()

    def wait_until_quiet(self) -> None:
        """Begin with the signals where no crash point is reached any more."""
        while time.monotonic() - self._last_at < QUIET_S:
            time.sleep(0.05)
        if self._reached < self._command.nth:
            self._send()

    def _send(self) -> None:
        for number in self._command.signals:
            time.sleep(self._command.delay_s)
            os.kill(os.getpid(), number)


if __name__ == "__main__":
    pickle.loads(Path(sys.argv[1]).read_bytes()).run()  # written by the process that started this one
