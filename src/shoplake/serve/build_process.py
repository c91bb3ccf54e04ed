"""Builds the store in a process of its own with low priority, so that neither runs nor requests wait for it."""

import logging
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

log = logging.getLogger("shoplake.serve.store")
LOWEST_PRIORITY = 19
STOP_S = 10


def build_command(config: Path) -> list[str]:
    """Return the command line that brings the store of a lake up to date."""
    return [sys.executable, "-m", "shoplake", "serve", "--refresh", "--config", str(config)]


def start_build(config: Path) -> subprocess.Popen[str]:
    """Start a build; its output can be read from the process."""
    process = subprocess.Popen(build_command(config), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    with suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, process.pid, LOWEST_PRIORITY)
    return process


def run_build(config: Path) -> tuple[int, str]:
    """Build, and return the exit code and the output."""
    process = start_build(config)
    output, _ = process.communicate()
    return process.returncode, output.strip()


class BuildLoop:
    """Builds at once and then every `interval_s` seconds, until `stop`, which ends a build in progress.

    A failure is logged when it is another than that of the build before.
    """

    def __init__(self, config: Path, interval_s: float) -> None:
        self._config, self._interval_s = config, interval_s
        self._stop, self._starting = threading.Event(), threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._run, name="shoplake-build", daemon=True)

    def start(self) -> None:
        """Start in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the build in progress and the thread."""
        with self._starting:
            self._stop.set()
            if self._process is not None and self._process.poll() is None:
                self._process.send_signal(signal.SIGTERM)
        self._thread.join(STOP_S)

    def _run(self) -> None:
        said = ""
        while process := self._start():
            output, _ = process.communicate()
            failure = output.strip() if process.returncode else ""
            if failure and failure != said and not self._stop.is_set():
                log.warning("store: the build failed: %s", failure)
            said = failure
            self._stop.wait(self._interval_s)

    def _start(self) -> subprocess.Popen[str] | None:
        with self._starting:
            self._process = None if self._stop.is_set() else start_build(self._config)
            return self._process
