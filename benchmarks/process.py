"""Run a command in its own process and measure it from outside; time a job from inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PAUSE_S = 0.1


@dataclass(frozen=True)
class Measured:
    """One run of a command: wall and CPU seconds, and peak resident memory of its process tree in MiB."""

    seconds: float
    cpu_seconds: float
    peak_mb: int
    stdout: str


def measure(command: list[str], log: Path) -> Measured:
    """Run the command to its end, with stderr in `log`; raises RuntimeError if it fails."""
    peaks = [0]
    with log.open("wb") as errors:
        began = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        watcher = threading.Thread(target=_watch, args=(child.pid, peaks), daemon=True)
        watcher.start()
        assert child.stdout is not None
        said = child.stdout.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    watcher.join()
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}:\n{log.read_text()[-2000:]}")
    peak = peaks[0] or usage.ru_maxrss // 1024  # which counts what the parent held when it made the child
    return Measured(round(seconds, 3), round(usage.ru_utime + usage.ru_stime, 3), peak, said)


def timed(jobs: Mapping[str, Callable[[Path, Path], Callable[[], object]]]) -> None:
    """Do the job of the command line, `PEER FILES OUT`; print its wall and CPU seconds, without start-up, as JSON."""
    peer, files, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    job = jobs[peer](files.resolve(), out.resolve())
    began, cpu = time.perf_counter(), time.process_time()
    job()
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    sys.stdout.write(json.dumps({"seconds": round(seconds, 3), "cpu_seconds": round(cpu_seconds, 3)}))


def _watch(pid: int, peaks: list[int]) -> None:
    """Record the greatest sum of the tree's resident memory, in MiB, until its root ends; 0 where there is no /proc."""
    while _resident(pid):
        peaks[0] = max(peaks[0], sum(map(_resident, _tree(pid))) // 2**20)
        time.sleep(PAUSE_S)


def _tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for each in found:
        for listed in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found += map(int, listed.read_text().split())
            except OSError:
                continue
    return found


def _resident(pid: int) -> int:
    """Bytes; 0 for a process that has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
