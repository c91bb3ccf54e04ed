"""Runs a command in its own process and measures it; times a job inside a process."""

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
class Measurement:
    """A run of a command: wall and CPU seconds, and peak resident memory of its process tree in MiB."""

    seconds: float
    cpu_seconds: float
    peak_mb: int
    stdout: str


def measure(command: list[str], log: Path) -> Measurement:
    """Run the command, with stderr into `log`. Raises RuntimeError if it fails."""
    peaks = [0]
    with log.open("wb") as errors:
        began = time.perf_counter()
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=environment)
        watcher = threading.Thread(target=_watch, args=(child.pid, peaks), daemon=True)
        watcher.start()
        assert child.stdout is not None
        stdout = child.stdout.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    watcher.join()
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}:\n{log.read_text()[-2000:]}")
    peak = peaks[0] or usage.ru_maxrss // 1024  # which includes the memory of the parent at the fork
    return Measurement(round(seconds, 3), round(usage.ru_utime + usage.ru_stime, 3), peak, stdout)


def run_job(jobs: Mapping[str, Callable[[Path, Path], Callable[[], object]]]) -> None:
    """Run the job of the command line, `SYSTEM FILES OUT`; print its wall and CPU seconds without its start as JSON."""
    system, files, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    job = jobs[system](files.resolve(), out.resolve())
    began, cpu = time.perf_counter(), time.process_time()
    job()
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    sys.stdout.write(json.dumps({"seconds": round(seconds, 3), "cpu_seconds": round(cpu_seconds, 3)}))


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds so far of a process, its descendants, and children that have ended; 0 without /proc."""
    ticks = 0
    for each in _tree(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15] if each == pid else fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _watch(pid: int, peaks: list[int]) -> None:
    """Record the peak resident memory of the process tree in MiB until its root ends; 0 without /proc."""
    while _resident(pid):
        peaks[0] = max(peaks[0], sum(map(_resident, _tree(pid))) // 2**20)
        time.sleep(PAUSE_S)


def _tree(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    tree = [pid]
    for each in tree:
        for listed in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                tree += map(int, listed.read_text().split())
            except OSError:
                continue
    return tree


def _resident(pid: int) -> int:
    """Return the resident memory in bytes; 0 for a process that has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
