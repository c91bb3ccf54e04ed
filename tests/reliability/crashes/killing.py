"""Runs that are killed: a scene to run, and processes to run it that die."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from shoplake.simulate import generate

from ..lakes import bring, content, drop, event, lake_at, raw_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shoplake.lake import Lake

SETTINGS: dict[str, Any] = {"max_files_per_batch": 4}
KILLED = -signal.SIGKILL


class Victims:
    """Processes that run a lake, one at a time, forked from a warm one."""

    def __enter__(self) -> Self:
        script = str(Path(__file__).with_name("crash_injection.py"))
        self._warm = subprocess.Popen([sys.executable, script], stdin=-1, stdout=-1, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._warm.communicate()

    def run(self, lake: Path, landing: Path, **order: Any) -> int:
        """How a run of the lake ended: 0, or less if it was killed."""
        self._begin(lake, landing, order)
        return self._end()

    def run_for(self, seconds: float, lake: Path, landing: Path, **order: Any) -> int:
        """The same of a run that is killed after a time, unless it is done by then."""
        pid = self._begin(lake, landing, order)
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return self._end()

    def _begin(self, lake: Path, landing: Path, order: dict[str, Any]) -> int:
        reported = {"lake": str(lake), "landing": str(landing), "settings": SETTINGS, **order}
        self._say(json.dumps(reported))
        return int(self._hear())

    def _end(self) -> int:
        return int(self._hear())

    def _say(self, line: str) -> None:
        assert self._warm.stdin is not None
        self._warm.stdin.write(f"{line}\n")
        self._warm.stdin.flush()

    def _hear(self) -> str:
        assert self._warm.stdout is not None
        return self._warm.stdout.readline()


@dataclass(frozen=True)
class Scene:
    """A lake of a shop's first days, the landing folder with the days after, and what a whole run makes of them."""

    landing: Path
    begun: Path
    settings: dict[str, Any]
    expected: dict[str, list[str]] = field(repr=False)
    seconds: float

    def copy(self, folder: Path) -> Path:
        """The begun lake, to be run."""
        return Path(shutil.copytree(self.begun, folder / "lake"))

    def open(self, lake: Path) -> Lake:
        return lake_at(lake, self.landing, **self.settings)


def change(number: int) -> dict[str, Any]:
    """A change of a customer of the shop, late or not; some are deletions."""
    output = {
        "customer_id": f"C{1 + number % 5:07}",
        "location": f"L{number}",
        "op": "update" if number % 4 else "delete",
    }
    return {"sequence": number, "changed_at": f"2026-0{2 + number % 2}-0{1 + number % 4}T12:00:00Z", **output}


def scene(folder: Path, tables: Sequence[str]) -> Scene:
    """A small shop: two of its days are in the lake; two more, and files that repeat and contradict, have landed."""
    source, landing, begun = folder / "shop", folder / "landing", folder / "begun"
    generate(source, events=800, customers=40, products=20, days=4, error_rate=0.06, seed=5)
    files = [file for file in raw_files(source) if not tables or f"{file.parent.name}_raw" in tables]
    early = [file for file in files if file.stem.endswith(("-01", "-02"))]
    bring(landing, source, early)
    drop(landing, "events/more.json", *[event(number) for number in range(40)])
    settings = SETTINGS | {"tables": tables}
    lake_at(begun, landing, tables=tables).run()
    bring(landing, source, set(files) - set(early))
    sooner = [event(number, event_ts="2026-03-02T08:59:00Z") for number in range(5)]
    drop(landing, "events/most.json", *sooner, *[event(number) for number in range(20, 60)], "oops")
    drop(landing, "customer_changes/most.json", *[change(number) for number in range(12)])
    drop(landing, "events/late.json", *[event(900 + day, event_ts=f"2026-03-0{day}T23:50:00Z") for day in (1, 2, 3, 4)])
    whole = Path(shutil.copytree(begun, folder / "whole"))
    began = time.perf_counter()
    lake_at(whole, landing, **settings).run()
    return Scene(landing, begun, settings, content(whole), time.perf_counter() - began)
