"""A lake of sample tables in a catalog, run by a process that has neither Delta's library nor that of object stores."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sample_tables import CATALOG, feed

from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.engine.runtime import EngineRuntime
from shoplake.engine.state.catalog_lease import CatalogLeaseBackend
from shoplake.engine.storage.locks.lease import Lease
from shoplake.errors import LakeLockedError
from shoplake.lake import Lake
from shoplake.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoplake.declare import Table
    from shoplake.engine.write.delta_engine import DeltaEngine

ABSENT = ("deltalake", "obstore")
ALONE = f"""
import sys
sys.modules.update(dict.fromkeys({ABSENT!r}))  # a module that is None cannot be imported
from hidden.catalog_lake import main
main(*sys.argv[1:])
"""
"""The program of a process that runs the lake: folder, address of the server, and perhaps when to be killed."""
TTL_S, HEARTBEAT_S = 12, 2.0
WAIT_S = 300


class QuickLeases(EngineRuntime):
    """The lease of a process that was killed expires within seconds."""

    def open_lease(self, settings: Settings, owner: str, engine: Callable[[], DeltaEngine]) -> Lease:
        backend = CatalogLeaseBackend(engine().session, str(settings.catalog), timedelta(seconds=TTL_S))
        return Lease(settings.lake, owner, backend=backend, heartbeat_interval_s=HEARTBEAT_S)


def sample_lake(folder: Path, **settings: Any) -> Lake:
    """The lake of the sample tables in a folder, or in the catalog that the settings name."""
    lake = Lake(Settings(str(folder / "lake"), (), **settings), QuickLeases() if "catalog" in settings else None)
    lake.catalog = CATALOG
    lake.settings = replace(lake.settings, feeds=(feed(folder / "landing"),))
    return lake


def contents(lake: Lake) -> dict[str, list[str]]:
    """Every row of the tables and of those beside them as text, in order, without its arrival."""
    tables = [each for table in lake.catalog.ordered for each in (table, *table.companion_tables)]
    return {table.qualified_name: _rows(lake, table) for table in tables}


def _rows(lake: Lake, table: Table[...]) -> list[str]:
    names = [each.name for each in table.columns if each.name not in ("ingested_at", "quarantined_at")]
    return sorted(map(repr, lake.engine.read(table).select(*names).toArrow().to_pylist()))


def kill_at(point: str, times: int) -> None:
    """Let this process be killed when it reaches a crash point for the given time."""
    reached = 0

    def hook(name: str) -> None:
        nonlocal reached
        reached += name == point
        if reached == times:
            os.kill(os.getpid(), signal.SIGKILL)

    set_crash_hook(hook)


def run_when_free(lake: Lake) -> list[str]:
    """Run as soon as no other process has the lease; return the tables that were written."""
    until = time.monotonic() + WAIT_S
    while True:
        try:
            return [step.table for step in lake.run().tables]
        except LakeLockedError:
            if time.monotonic() > until:
                raise
            time.sleep(1)


def main(folder: str, remote: str, point: str = "", times: str = "1") -> None:
    """Run, and print what came of it."""
    lake = sample_lake(Path(folder), engine="spark", remote=remote, catalog="spark_catalog")
    if point:
        kill_at(point, int(times))
    written, again = run_when_free(lake), run_when_free(lake)
    versions = {table.qualified_name: lake.engine.version(table) for table in lake.catalog.ordered}
    problems = [str(problem) for problem in lake.verify()]
    loaded = [name for name in ABSENT if sys.modules.get(name) is not None]
    found = {"written": written, "again": again, "problems": problems, "loaded": loaded, "versions": versions}
    sys.stdout.write(json.dumps(found | {"contents": contents(lake)}))
