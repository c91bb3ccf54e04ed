import os
import subprocess
import sys
from pathlib import Path

import pytest

BUFFERED = os.environ | {"PYTHONUNBUFFERED": ""}
END = "from shoplake.cli.process import end_process; end_process({code})"


def run(code: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], check=False, text=True, stderr=subprocess.PIPE, env=BUFFERED, **options
    )


def test_a_process_ends_after_its_threads_and_what_is_registered():
    code = f"""
import atexit, threading, time
atexit.register(print, "registered", end="")
threading.Thread(target=lambda: (time.sleep(0.1), print("thread", end=" "))).start()
{END.format(code=3)}"""
    process = run(code, stdout=subprocess.PIPE)
    assert (process.stdout, process.stderr, process.returncode) == ("thread registered", "", 3)


def test_a_process_that_a_signal_stopped_waits_for_no_thread():
    waiting = "import threading\nthreading.Thread(target=threading.Event().wait).start()\n"
    process = run(f"{waiting}print('done')\n{END.format(code=130)}", stdout=subprocess.PIPE, timeout=60)
    assert (process.stdout, process.stderr, process.returncode) == ("done\n", "", 130)


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("code", [0, 143])
def test_a_signal_while_a_process_ends_ends_it_with_its_output(number, code):
    waits = "atexit.register(lambda: (os.kill(os.getpid(), signal.{}), time.sleep(60)))\nprint('done')\n"
    process = run(
        f"import atexit, os, signal, time\n{waits.format(number)}{END.format(code=code)}", stdout=subprocess.PIPE
    )
    assert (process.stdout, process.stderr, process.returncode) == ("done\n", "", code)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_output_that_cannot_be_written_is_an_error():
    with Path("/dev/full").open("w") as full:
        process = run(f"print('lost')\n{END.format(code=0)}", stdout=full)
    assert process.returncode == 120
    assert process.stderr.startswith("Error: the output could not be written: [Errno 28]")


@pytest.mark.parametrize("closed", ["0", "1", "2"])
def test_a_closed_stream_leads_nowhere_and_no_other_file_gets_its_number(closed, tmp_path):
    code = "import os\nfrom shoplake.cli.process import run_process\nrun_process()"
    command = f'exec {closed}>&-; exec "$0" -c "$1" schema events'

    process = subprocess.run(
        ["sh", "-c", command, sys.executable, code], check=False, text=True, capture_output=True, env=BUFFERED
    )

    assert (process.stderr, process.returncode) == ("", 0)


RESTART = """
import atexit, sys
from shoplake.cli.process import restart_process
from shoplake.cli.watch.process_restart import ProcessRestart, StartedProcess
atexit.register(print, "registered")
sys.executable = "/nowhere/python"
def is_stopped():
    {is_stopped}
restart_process(StartedProcess.current(), ProcessRestart({{}}, is_stopped, lambda: print("Stopped.")))"""


@pytest.mark.parametrize(
    ("is_stopped", "code", "output", "error"),
    [
        ("return True", 0, "registered\nStopped.\n", ""),
        ("raise KeyboardInterrupt", 130, "registered\n", ""),
        ("return False", 1, "registered\n", "Error: the process could not start itself again: [Errno 2]"),
    ],
)
def test_a_process_that_does_not_start_again_ends_after_what_is_registered(is_stopped, code, output, error):
    process = run(RESTART.format(is_stopped=is_stopped), stdout=subprocess.PIPE)
    assert (process.returncode, process.stdout) == (code, output)
    assert process.stderr.startswith(error) and "Traceback" not in process.stderr
