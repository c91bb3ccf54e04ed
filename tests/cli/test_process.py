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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_output_that_cannot_be_written_is_an_error():
    with Path("/dev/full").open("w") as full:
        process = run(f"print('lost')\n{END.format(code=0)}", stdout=full)
    assert process.returncode == 120
    assert process.stderr.startswith("Error: the output could not be written: [Errno 28]")
