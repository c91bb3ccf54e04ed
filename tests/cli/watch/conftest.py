"""A real process that watches a shop."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime

import few_tables
import pytest

LONGEST_S = 120.0
"""After which a watch is killed, so that a test that waits for its output fails."""


class Watch:
    """A process that watches a shop; it starts itself again after each run that writes, if asked for."""

    def __init__(self, shop, folder, *words, output=subprocess.PIPE):
        (folder / "spilled").mkdir()
        self.landing, self.spilled = shop.parent / "landing/events", folder / "spilled"
        self.log, self.files = folder / "log", 0
        for path in shop.parent.rglob("landing/**/*.*"):
            _make_older(path)
        options = ["--log-level", "info", "run", "--watch", "--interval", "200ms", "--config", shop.name, *words]
        environment = os.environ | {"TMPDIR": str(self.spilled)}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, few_tables.__file__, *options],
                **{"stdout": output, "stderr": log, "text": True, "cwd": shop.parent, "env": environment},
            )

        self.guard = threading.Timer(LONGEST_S, self.process.kill)
        self.guard.start()

    def drop(self):
        """Write a file with one event, older than the minimum age of a file."""
        self.files += 1
        moment = {"event_ts": f"2031-01-01T12:00:{self.files:02}Z", "event_name": "page_view", "anonymous_id": "a"}
        temporary = self.landing / f"late-{self.files}.tmp"
        temporary.write_text(json.dumps({"event_id": f"late-{self.files}"} | moment))
        _make_older(temporary)
        temporary.rename(temporary.with_suffix(".json"))

    def line(self, words):
        """Return the next line of the output that has these words."""
        seen = []
        for line in self.process.stdout:
            seen.append(line)
            if words in line:
                return line
        raise AssertionError(f"{words} in none of {seen}")

    def stop(self, number=signal.SIGTERM):
        """Return the exit code after a signal, and the last line."""
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=60)
        return self.process.returncode, output.strip().rpartition("\n")[2]

    @property
    def restarts(self):
        return self.logged("has started itself again")

    def logged(self, words):
        """How often the log has these words."""
        return self.log.read_text().count(words)

    def wait_for(self, words, times=1):
        """Wait until the log has these words so many times."""
        until = time.monotonic() + 60
        while self.logged(words) < times:
            assert time.monotonic() < until and self.process.poll() is None, self.log.read_text()
            time.sleep(0.01)


def _make_older(path):
    """Give a file a time before the minimum age of files, so that the next run reads it."""
    os.utime(path, (0, datetime.now().timestamp() - 60))


@pytest.fixture
def watch(shop, tmp_path):
    """Starts processes that watch the shop."""
    started = []

    def start(*words, **options):
        started.append(Watch(shop, tmp_path, *words, **options))
        return started[-1]

    yield start
    for each in started:
        each.guard.cancel()
        each.process.kill()
        each.process.communicate()
