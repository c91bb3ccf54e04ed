"""A process that runs lakes in children, which are killed at named crash points: `python crash_injection.py`.

It imports everything once and starts nothing, so that a child is a fork of a warm process and costs no import. Orders
come as lines of JSON on standard input; each is answered by two lines: the child's pid, then its exit code.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from reliability.lakes import lake_at
from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.engine.state.folder_ops import COMMIT_INTERVAL_S
from shoplake.engine.storage.locks.lease import Lease
from shoplake.engine.write.table_plan import RunSelection
from shoplake.pipeline.runner import PipelineRun


class Crash:
    """Kills the process at the n-th pass of a crash point, such as `before_commit`."""

    def __init__(self, point: str, nth: int, trace: str | None) -> None:
        self._point, self._left = point, nth
        self._trace = Path(trace) if trace else None

    def __call__(self, name: str) -> None:
        if self._trace:
            with self._trace.open("a") as file:
                file.write(f"{name}\n")
        self._left -= name == self._point
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def run(order: dict[str, Any]) -> None:
    """Run a lake as ordered, in this process."""
    set_crash_hook(Crash(order.get("point", ""), order.get("nth", 1), order.get("trace")))
    lake = lake_at(Path(order["lake"]), Path(order["landing"]), **order.get("settings", {}))
    selection = RunSelection(**order.get("run", {}))
    interval_s = order.get("commit_interval_s", COMMIT_INTERVAL_S)
    with Lease(lake.settings.lake, "shoplake run") as lease:
        PipelineRun(
            lake.engine,
            lake.catalog,
            lake.state,
            lake.settings,
            None,
            selection,
            lease.check,
            commit_interval_s=interval_s,
        ).execute()


def child(order: dict[str, Any]) -> int:
    """Fork a process that runs as ordered; its id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        run(order)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def main() -> None:
    for line in sys.stdin:
        pid = child(json.loads(line))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
