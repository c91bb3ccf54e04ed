"""A fault of a life: the command of a step, in a process of its own, is stopped by SIGINT or SIGTERM."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from shoplake.engine.storage.locks.lease import Lease
from shoplake.pipeline.error_log import MARK
from tools.soak.results import ROOT
from tools.soak.signals.signalled_command import SignalledCommand
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    import random

    from tools.soak.actions import Step
    from tools.soak.killable_lake import KillableLake
    from tools.soak.simulation import Life

SIGNAL = "signal"
"""The name of the fault."""
STOPPED = {signal.SIGINT: 130, signal.SIGTERM: 143}
"""The exit code of a command that a signal stops."""


def stop_by_signal(lake: KillableLake, step: Step, chance: random.Random, most_points: int, life: Life) -> None:
    """Start the command of a step, and let a signal stop it; the life has which signal, when, and the exit code.

    A replay after which records are bad ends with 1, and so may a command that a second signal aborts as it ends.
    Raises DifferenceError where it ends with another exit code or with a traceback, or leaves the mark of a run, the
    lease or staged files.
    """
    number = chance.choice([*STOPPED])
    signals = (number, number) if chance.random() < 0.2 else (number,)
    nth, delay_s = int(most_points ** chance.random()), chance.choice([0.0, 0.0, 0.004, 0.02, 0.1, 0.4])
    command = SignalledCommand(step.command, lake.opener(), signals, nth, delay_s, chance.random() < 0.3)
    done = _run(lake, command)
    allowed = {0, STOPPED[number]} | ({130} if "--watch" in step.command else set())
    is_bad = step.name == "quarantine replay" or (len(signals) > 1 and done.stderr.rstrip().endswith("Aborted!"))
    allowed |= {1} if is_bad else set()
    if done.returncode not in allowed or "Traceback" in done.stderr:
        raise DifferenceError(f"{step.command} ended with {done.returncode} at {command}: {done.stderr[-3000:]}")
    _check_released(lake, step)
    lake.lake = lake.open()
    when = f"{', twice' if len(signals) > 1 else ''}, {delay_s} s after point {nth}"
    life.steps[-1] += f" {signal.Signals(number).name}{when}: exit {done.returncode}"
    life.counts.update([f"exit {done.returncode}"])


def _run(lake: KillableLake, command: SignalledCommand) -> subprocess.CompletedProcess[str]:
    file = lake.folder / "command.pickle"
    file.write_bytes(pickle.dumps(command))
    words = [sys.executable, "-m", "tools.soak.signals.signalled_command", str(file)]
    settings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(words, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)


def _check_released(lake: KillableLake, step: Step) -> None:
    """Raise DifferenceError where something of a stopped process is left: the mark of its run, or the lease."""
    if (lake.path / MARK).exists():
        raise DifferenceError(f"{step.name}: the mark of its run is left")
    with Lease(str(lake.path), "after the signal"):
        pass
