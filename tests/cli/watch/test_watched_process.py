import json
import os
import pty
import re
import select
import signal
import socket
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from shoplake.engine import Lease
from shoplake.errors import LakeLockedError
from shoplake.lake import Lake


def rows(shop):
    events = Lake.open(shop).table("silver.events").where("event_id LIKE 'late-%'").collect()
    return sorted(row.event_id for row in events)


@pytest.mark.sample
def test_a_watch_whose_process_starts_itself_again_takes_in_each_file_once(shop, watch):
    watching = watch("--restart-above", "1MB")
    files = int(watching.line("rows/s").split(" run 1: ")[1].split(" file")[0])

    for number in (2, 3):
        watching.drop()
        assert f"{number}" in watching.line(": 1 file, 1 row")
    code, last = watching.stop()

    assert (code, watching.restarts >= 2) == (0, True), watching.log.read_text()
    assert last.startswith(f"Stopped after the current batch: {files + 2} files in ")
    assert rows(shop) == ["late-1", "late-2"]
    assert [*watching.spilled.glob("shoplake-spill-*")] == []
    assert Lake.open(shop).verify() == []


BEGINS, HAS_BEGUN = "the process starts itself again", "the process has started itself again"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "delay_s"),
    [(signal.SIGTERM, 0.0), (signal.SIGINT, 0.03), (signal.SIGTERM, 0.1), (signal.SIGINT, 0.5), (signal.SIGTERM, 1.5)],
)
def test_a_signal_around_the_new_start_ends_the_watch_with_0(watch, number, delay_s):
    watching = watch("--restart-above", "1MB")
    watching.wait_for(BEGINS)
    time.sleep(delay_s)

    code, last = watching.stop(number)

    assert (code, last.startswith("Stopped after the current batch: ")) == (0, True), watching.log.read_text()
    assert [*watching.spilled.glob("shoplake-spill-*")] == []


@pytest.mark.slow
def test_a_watch_waits_for_a_process_that_writes_while_it_starts_again(shop, watch):
    watching = watch("--restart-above", "1MB")
    watching.wait_for(BEGINS)
    with acquired(Lake.open(shop).settings.lake):
        assert "has been writing" in watching.line("The watch waits.")

    watching.drop()

    assert watching.line(": 1 file, 1 row")
    assert watching.stop()[0] == 0
    assert rows(shop) == ["late-1"]


@contextmanager
def acquired(lake):
    """Hold the lease of a lake, from when it is free."""
    until = time.monotonic() + 30
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(Lease(lake, "test"))
                break
            except LakeLockedError:
                assert time.monotonic() < until
        yield


@pytest.fixture
def unused_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


@pytest.mark.slow
def test_output_metrics_and_open_files_go_on_when_a_process_starts_again(watch, unused_port):
    watching = watch("--restart-above", "1MB", "--json", "--metrics-port", str(unused_port))
    files, numbers = [], []
    for restarts in (1, 2, 3):
        watching.wait_for(HAS_BEGUN, restarts)
        text = metrics(unused_port)
        files.append(len([*Path(f"/proc/{watching.process.pid}/fd").iterdir()]))
        watching.drop()
        numbers.append(json.loads(watching.line("}"))["files"])
        assert 'shoplake_table_rows{table="silver.events"}' in text

    code, _ = watching.stop()

    assert (code, numbers[1:]) == (0, [1, 1])
    assert max(files) - min(files) <= 2


def metrics(port):
    """The metrics, once they are served."""
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                if text := answer.read().decode():
                    return text
        except OSError:
            pass
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.slow
def test_a_watch_whose_settings_became_invalid_goes_on_and_says_so(shop, watch):
    watching = watch("--restart-above", "1MB")
    watching.wait_for("lease acquired")
    text = shop.read_text()
    shop.write_text(f"{text}\nnonsense")
    assert "not valid TOML" in watching.line("does not start itself again")

    shop.write_text(text)

    watching.wait_for(HAS_BEGUN)
    assert watching.stop()[0] == 0


HIDE, SHOW = b"\x1b[?25l", b"\x1b[?25h"


@pytest.mark.slow
def test_a_terminal_has_its_cursor_and_no_line_of_the_process_before(watch):
    terminal, output = pty.openpty()
    watching = watch("--restart-above", "1MB", output=output)
    os.close(output)
    written = read_until(terminal, lambda: watching.restarts == 1)
    written += read_until(terminal, lambda: watching.logged("run finished") >= 3)
    watching.process.send_signal(signal.SIGTERM)
    written += read_until(terminal, lambda: watching.process.poll() is not None)

    assert re.findall(b"|".join(map(re.escape, (HIDE, SHOW))), written) == [HIDE, SHOW] * 2
    before, after, last = written.split(SHOW)
    [files] = set(re.findall(rb"watching: ([1-9]\d*) files, ", before))
    assert set(re.findall(rb"watching: (\d+) files, ", after)) == {files} and b"starting the process again" in before
    assert last.strip(b"\r\n\x1b[2K1A").startswith(b"Stopped after the current batch: ")


def read_until(terminal, is_done):
    """What is written to a terminal until something is done."""
    written, until = b"", time.monotonic() + 60
    while not is_done():
        assert time.monotonic() < until
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                written += os.read(terminal, 65_536)
            except OSError:
                break
    return written
