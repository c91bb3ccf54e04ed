import os
import signal
import sqlite3
from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner

from shoplake.cli.group import ShoplakeGroup
from shoplake.errors import KindError, LakeLockedError, PendingChangesError, SettingsError


def root_of(work: Callable[[], object]) -> click.Group:
    @click.group(cls=ShoplakeGroup)
    def root() -> None:
        pass

    @root.group(cls=ShoplakeGroup)
    def group() -> None:
        pass

    @group.command()
    def do() -> None:
        work()

    return root


def exit_of(error: BaseException) -> tuple[int, list[str]]:
    def fail() -> None:
        raise error

    result = CliRunner().invoke(root_of(fail), ["group", "do"])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stderr.splitlines()


def test_ctrl_c_ends_with_130_and_one_line():
    code, [line] = exit_of(KeyboardInterrupt())
    assert code == 130 and line.startswith("Stopped.")


def test_sigterm_stops_a_command_as_ctrl_c_does_with_143():
    result = CliRunner().invoke(root_of(lambda: os.kill(os.getpid(), signal.SIGTERM)), ["group", "do"])

    assert (result.exit_code, result.stderr.splitlines()[0][:8]) == (143, "Stopped.")
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_command_that_handles_sigterm_itself_is_not_stopped():
    received = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
    try:
        result = CliRunner().invoke(root_of(lambda: os.kill(os.getpid(), signal.SIGTERM)), ["group", "do"])
    finally:
        signal.signal(signal.SIGTERM, before)

    assert (result.exit_code, received) == (0, [signal.SIGTERM])


def test_a_shoplake_error_is_one_line_and_exit_code_1():
    assert exit_of(LakeLockedError("Another run\n  writes.")) == (1, ["Error: Another run writes."])


def test_each_mistake_of_a_kind_is_a_line():
    assert exit_of(KindError(["First\n  mistake.", "Second."])) == (1, ["Error: First mistake.", "Second."])


def test_each_problem_of_the_settings_is_a_line():
    assert exit_of(SettingsError("First\nSecond.")) == (1, ["Error: First", "Second."])


def test_a_file_that_cannot_be_opened_is_named():
    assert exit_of(PermissionError(13, "Permission denied", "a.csv")) == (1, ["Error: a.csv: Permission denied."])


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(28, "No space left on device"), "[Errno 28] No space left on device."),
        (OSError(28, "No space left on device", "a.csv"), "a.csv: No space left on device."),
        (sqlite3.OperationalError("database or disk is full"), "database or disk is full."),
        (
            RuntimeError('Not closed.\nIO Error: Could not write "a.part": No space left on device\nmore'),
            'IO Error: Could not write "a.part": No space left on device.',
        ),
    ],
)
def test_a_full_disk_is_one_line_that_says_what_to_do(error, message):
    assert exit_of(error) == (1, [f"Error: {message} Free space on the disk and run the command again."])


def test_a_word_that_is_not_utf8_is_one_line_that_says_what_to_do():
    code, [line] = exit_of(UnicodeEncodeError("utf-8", "SELECT '\udcff'", 8, 9, "surrogates not allowed"))
    assert code == 1 and line.startswith("Error: 'SELECT '?'' is not text in UTF-8. Type it again in")


def test_another_text_that_cannot_be_encoded_is_a_bug():
    with pytest.raises(UnicodeEncodeError):
        exit_of(UnicodeEncodeError("ascii", "é", 0, 1, "ordinal not in range(128)"))


def test_another_error_of_the_system_is_a_bug():
    with pytest.raises(OSError, match="Bad address"):
        exit_of(OSError(14, "Bad address"))


def test_a_missing_engine_is_one_line_that_says_what_to_type():
    code, [line] = exit_of(ModuleNotFoundError("No module named 'pyspark'", name="pyspark.sql"))

    assert code == 1
    assert line.startswith("Error: The engine's package pyspark-client is not installed.")
    assert "pip install 'shoplake[sail]'" in line and "pip install 'shoplake[spark]'" in line


def test_another_missing_module_is_a_bug():
    with pytest.raises(ModuleNotFoundError, match="polars"):
        exit_of(ModuleNotFoundError("No module named 'polars'", name="polars"))


def test_a_broken_pipe_is_not_an_error():
    assert exit_of(BrokenPipeError(32, "Broken pipe")) == (0, [])


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        exit_of(ZeroDivisionError())


def test_pending_changes_end_with_4():
    code, [line] = exit_of(PendingChangesError(["gold.t"]))

    assert code == 4 and line.startswith("Error: 1 change is not applied yet: gold.t.")


def test_an_error_does_not_print_the_password_of_an_address():
    refused = SettingsError("lake = 'https://ann:canary@host/lake' is in no supported store.")

    assert exit_of(refused) == (1, ["Error: lake = 'https://***@host/lake' is in no supported store."])


def test_what_the_system_refuses_deltas_library_is_one_line_with_the_place():
    walked = "Generic LocalFileSystem error\n \x1b[31m↳\x1b[0m Unable to walk dir\n"
    place = " \x1b[31m↳\x1b[0m IO error for operation on lake/_delta_log\n"
    refused = " \x1b[31m↳\x1b[0m Permission denied (os error 13)\n"

    code, [line] = exit_of(OSError(walked + place + refused))

    assert (code, line) == (1, "Error: IO error for operation on lake/_delta_log: Permission denied (os error 13).")
