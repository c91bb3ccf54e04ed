"""How this process was started, and how it starts itself again: the same program under the same process id."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

VARIABLE = "SHOPLAKE_HANDOVER"
"""The environment variable by which a process hands over to itself; it is removed when it is read."""
STOPPING = (signal.SIGINT, signal.SIGTERM)


class ProcessRestart(SystemExit):
    """Ends the command; its process then starts itself again, and hands `state` over.

    It ends instead where a signal has come meanwhile: `is_stopped` says so, and `end` prints how the command ended.
    """

    def __init__(self, state: Mapping[str, Any], is_stopped: Callable[[], bool], end: Callable[[], None]) -> None:
        super().__init__(0)
        self.state, self.is_stopped, self.end = state, is_stopped, end


@dataclass(frozen=True)
class Handover:
    """What a process has handed over to itself: a state, and a pipe with the signals that came as it started again."""

    state: Mapping[str, Any]
    signals: int

    @classmethod
    def take(cls, environment: MutableMapping[str, str]) -> Handover | None:
        """Remove the handover from an environment and return it; None without one, or of another process."""
        try:
            values = json.loads(environment.pop(VARIABLE, "null"))
            return cls(values["state"], values["signals"]) if values["process"] == os.getpid() else None
        except (ValueError, TypeError, KeyError):
            return None

    def release_signals(self) -> bool:
        """Receive signals from now on, those that wait first; return whether one came before the new start."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        try:
            with os.fdopen(self.signals, "rb", buffering=0) as pipe:
                return bool(pipe.read(1))
        except OSError:
            return False


@dataclass(frozen=True)
class StartedProcess:
    """How this process was started: its arguments, its environment and its folder; and what was handed over to it."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    folder: str
    handover: Handover | None = None

    @classmethod
    def current(cls) -> StartedProcess:
        """Return how this process was started; to be called before anything changes."""
        handover = Handover.take(os.environ)
        folder = ""
        with suppress(OSError):  # it was deleted
            folder = os.getcwd()  # noqa: PTH109 - links stay
        return cls(tuple(sys.orig_argv[1:]), dict(os.environ), folder, handover)

    @property
    def can_restart(self) -> bool:
        """Whether the system replaces a process, and the program is not text that was read once."""
        return os.name == "posix" and os.access(sys.executable, os.X_OK) and sys.argv[0] != "-"

    def restart(self, restart: ProcessRestart) -> None:
        """Replace this process by a new start of its program; return where a signal has come that ends it instead.

        SIGINT and SIGTERM wait until the new process handles them. Those that another thread takes before its end are
        in the pipe. Raises OSError where the program cannot be started.
        """
        signals, writer = os.pipe()
        os.set_inheritable(signals, True)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        if restart.is_stopped():
            return
        with suppress(OSError):
            os.chdir(self.folder)
        handed = json.dumps({"process": os.getpid(), "signals": signals, "state": restart.state})
        arguments = [sys.executable, *self.arguments]
        os.execve(sys.executable, arguments, {**self.environment, VARIABLE: handed})  # nosec B606
