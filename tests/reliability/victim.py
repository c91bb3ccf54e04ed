"""A process that runs lakes in children, which die where they are told to: `python victim.py`.

It imports everything once and starts nothing, so that a child is a fork of a warm process and costs no import. Orders
come as lines of JSON on standard input; each is answered by a line: first the child's pid, then how it ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from reliability.lakes import lake_at
from shoplake.engine.ingest import file_discovery, file_ingestion
from shoplake.engine.state import state_store
from shoplake.engine.storage import delta_log, lease_backends
from shoplake.engine.write import delta_engine, staging, table_location
from shoplake.engine.write.modes import scd2, upsert
from shoplake.pipeline import run_recorder, runner

if TYPE_CHECKING:
    from collections.abc import Callable

POINTS = (
    *((delta_engine.DeltaEngine, name) for name in ("_overwrite", "_append", "append", "compact", "delete_batch")),
    (delta_engine, "upsert"),
    *((staging.StagingArea, name) for name in ("materialize", "__exit__")),
    *((delta_log, name) for name in ("delete_batches", "create_if_missing")),
    *((state_store.StateStore, name) for name in ("append", "commit_offsets")),
    *((run_recorder.RunRecorder, name) for name in ("finish", "commit", "flush", "write_checksums")),
    *(
        (file_discovery, "inspect_file"),
        (file_ingestion.FileIngestion, "commit_batch"),
        (runner.PipelineRun, "_land"),
        (lease_backends.FileLockBackend, "acquire"),
    ),
    *((scd2.Scd2Writer, name) for name in ("_put", "_add", "_remake")),
    *((module, "retry_on_conflict") for module in (upsert, table_location)),
)
"""Where a run can die: before and after each of these."""


class Death:
    """Kills the process at the n-th pass of a point, such as `before DeltaEngine._put`."""

    def __init__(self, point: str, nth: int, trace: str | None) -> None:
        self._point, self._left = point, nth
        self._trace = Path(trace) if trace else None

    def watch(self) -> None:
        for owner, name in POINTS:
            label = f"{owner.__name__.rpartition('.')[2]}.{name}"
            setattr(owner, name, self._watched(getattr(owner, name), label))

    def _watched(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def watched(*args: Any, **given: Any) -> Any:
            self._pass(f"before {name}")
            result = function(*args, **given)
            self._pass(f"after {name}")
            return result

        return watched

    def _pass(self, name: str) -> None:
        if self._trace:
            with self._trace.open("a") as file:
                file.write(f"{name}\n")
        self._left -= name == self._point
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def live(order: dict[str, Any]) -> None:
    """Run a lake as ordered, in this process."""
    run_recorder.COMMIT_INTERVAL_S = order.get("keep_every_s", run_recorder.COMMIT_INTERVAL_S)
    Death(order.get("point", ""), order.get("nth", 1), order.get("trace")).watch()
    lake = lake_at(Path(order["lake"]), Path(order["landing"]), **order.get("settings", {}))
    lake.run(**order.get("run", {}))


def child(order: dict[str, Any]) -> int:
    """Fork a process that lives as ordered; its id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        live(order)
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
