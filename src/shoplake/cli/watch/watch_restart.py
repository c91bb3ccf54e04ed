"""Starts the process of a watch again between two runs, when it has grown too much."""

from __future__ import annotations

import logging
import math
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import click

from shoplake.cli.options import open_lake
from shoplake.cli.watch.memory_rule import MemoryRule
from shoplake.cli.watch.process_restart import ProcessRestart
from shoplake.engine import release_freed_memory
from shoplake.errors import PendingChangesError, ShoplakeError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from rich.console import Console

    from shoplake.cli.watch.process_restart import Handover, StartedProcess
    from shoplake.cli.watch.stop_signals import StopSignals
    from shoplake.pipeline.run_result import RunResult
    from shoplake.settings import Settings

SETTLE_S = 3.0
"""How long a process is too large before it starts again: the engine keeps freed memory for two seconds."""
MIB = 1 << 20

log = logging.getLogger("shoplake.watch")


class Resumable(Protocol):
    """What goes on in a new process where it was."""

    def to_json(self) -> Mapping[str, Any]:
        """Return where it is."""

    def resume(self, values: Any) -> None:
        """Go on from there."""


class WatchRestart:
    """Decides when the process of a watch starts again, and hands over where the watch is.

    `check` raises ShoplakeError where a new process could not go on, such as for settings that are invalid by now: the
    present one then does.
    """

    def __init__(
        self,
        rule: MemoryRule,
        handover: Handover | None = None,
        check: Callable[[], object] = lambda: None,
        settle_s: float = SETTLE_S,
    ) -> None:
        self._rule, self._handover, self._check, self._settle_s = rule, handover, check, settle_s
        self._obstacle = ""

    def resume(self, signals: StopSignals, **parts: Resumable) -> bool:
        """Receive signals, and let each part go on from where it was; return whether the watch goes on."""
        if self._handover is None:
            return False
        signals.resume(self._handover)
        state = self._handover.state
        self._rule.is_exceeded()
        measured = self._rule.resident // MIB, state.get("resident_mib"), state.get("limit_mib")
        log.info("the process has started itself again: %d MiB resident, before %s MiB, of at most %s MiB", *measured)
        try:
            for name, part in parts.items():
                part.resume(state[name])
        except (KeyError, TypeError, ValueError, AttributeError):  # another version has been installed meanwhile
            log.warning("the watch begins anew: what was handed over is that of another version")
            return False
        return True

    def is_due_after(self, result: RunResult, stop: threading.Event, console: Console) -> bool:
        """Return whether the process has grown too much with a run, and a new one could go on; say why it could not."""
        if not self._rule.is_exceeded_after(result):
            return False
        release_freed_memory()
        if stop.wait(self._settle_s) or not self._rule.is_exceeded():
            return False
        try:
            self._check()
        except ShoplakeError as error:
            if str(error) != self._obstacle:
                self._obstacle = str(error)
                log.warning("the process has grown and does not start itself again: %s", error)
                console.print(f"The process has grown and does not start itself again. {error}", style="yellow")
            return False
        return True

    def begin(self, signals: StopSignals, end: Callable[[], None], **parts: Resumable) -> NoReturn:
        """End the command, so that its process starts again where the parts are. Raises ProcessRestart."""
        sizes = {"resident_mib": self._rule.resident // MIB, "limit_mib": int(self._rule.limit // MIB)}
        log.info("the process starts itself again: %d MiB resident, of at most %d MiB", *sizes.values())
        state = sizes | {name: part.to_json() for name, part in parts.items()}
        raise ProcessRestart(state, lambda: signals.received, end)


def open_restart(
    process: StartedProcess | None, config: Path, settings: Settings, above: float | None
) -> WatchRestart | None:
    """Return what starts a watch on the embedded engine again; None for Spark, and where a process cannot.

    `process` is None where the command is called by another program. A process that has started itself again has one
    in any case, as its signals wait. Raises UsageError for a size on Spark.
    """
    if settings.engine != "sail" and above not in (None, math.inf):
        raise click.UsageError("--restart-above is for the embedded engine; with Spark the process does not grow.")
    can_restart = settings.engine == "sail" and process is not None and process.can_restart
    if process is None or not (can_restart or process.handover):
        return None
    rule = MemoryRule(above if can_restart else math.inf, settings.memory_limit)
    return WatchRestart(rule, process.handover, partial(check_start, config))


def check_start(config: Path) -> None:
    """Raise ShoplakeError where a watch of the settings file, and of the project beside it, would not start now."""
    lake = open_lake(config)
    plan = lake.plan_changes()
    if plan.breaking and lake.settings.on_change == "refuse":
        raise PendingChangesError(plan.breaking)
