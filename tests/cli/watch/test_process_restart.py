import json
import os
import subprocess
import sys

import pytest

from shoplake.cli.watch.process_restart import VARIABLE, Handover

AGAIN = """
import os, sys
from shoplake.cli.watch.process_restart import ProcessRestart, StartedProcess
before, started = os.environ.get("SHOPLAKE_HANDOVER"), StartedProcess.current()
if started.handover is None:
    os.environ["TZ"] = "UTC"
    os.chdir("/")
    started.restart(ProcessRestart({"process": os.getpid()}, lambda: False, print))
print(started.handover.state["process"] == os.getpid())
print(os.getcwd(), *sys.argv[1:], os.environ.get("TZ"), "SHOPLAKE_HANDOVER" in os.environ, sep="|")
"""
SIGNALLED = """
import os, signal, sys, threading, time
from shoplake.cli.watch.process_restart import ProcessRestart, StartedProcess
from shoplake.cli.watch.stop_signals import StopSignals
stop, started = threading.Event(), StartedProcess.current()
def send(*moments):
    if sys.argv[1] in moments:
        os.kill(os.getpid(), getattr(signal, sys.argv[2]))
        time.sleep(0.05)
if started.handover is not None:
    send("new")
with StopSignals(stop) as signals:
    if started.handover is None:
        if sys.argv[1] == "thread":
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        started.restart(ProcessRestart({}, lambda: send("main", "thread"), print))
    signals.resume(started.handover)
    print("stopped" if stop.wait(30) else "lost")
"""


def run(*words, **options):
    environment = {name: value for name, value in os.environ.items() if name != "TZ"}
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, env=environment, **options)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize("way", ["text", "script", "module"])
def test_a_process_starts_again_as_it_was_started(tmp_path, way):
    (tmp_path / "again.py").write_text(AGAIN)
    program = {"text": ["-c", AGAIN], "script": ["again.py"], "module": ["-m", "again"]}[way]

    assert run(*program, "--config", "my shop", cwd=tmp_path) == [
        "True",
        f"{tmp_path}|--config|my shop|None|False",
    ]


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("moment", ["main", "thread", "new"])
def test_a_signal_is_not_lost_while_a_process_starts_again(moment, number):
    """It comes to a process of one thread or of two at its last moment, or to the new one before it has handlers."""
    assert run("-c", SIGNALLED, moment, number) == ["stopped"]


@pytest.mark.parametrize("text", ["", "{}", "7", json.dumps({"process": 1, "signals": 3, "state": {}})])
def test_what_another_process_has_handed_over_is_removed_and_left_out(text):
    environment = {VARIABLE: text}
    assert Handover.take(environment) is None
    assert environment == {}
