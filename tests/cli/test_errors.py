import click
import pytest
from click.testing import CliRunner

from shoplake.cli.errors import Commands
from shoplake.errors import LakeLockedError


def ended(error: BaseException) -> tuple[int, list[str]]:
    @click.group(cls=Commands)
    def group() -> None:
        pass

    @group.command()
    def fail() -> None:
        raise error

    result = CliRunner().invoke(group, ["fail"])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stderr.splitlines()


def test_ctrl_c_ends_with_130_and_one_line():
    code, [line] = ended(KeyboardInterrupt())
    assert code == 130 and line.startswith("Stopped.")


def test_an_error_of_ours_is_one_line_and_1():
    assert ended(LakeLockedError("Another run\n  writes.")) == (1, ["Error: Another run writes."])


def test_a_file_that_cannot_be_opened_is_named():
    assert ended(PermissionError(13, "Permission denied", "a.csv")) == (1, ["Error: a.csv: Permission denied."])


def test_a_mistake_of_ours_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        ended(ZeroDivisionError())
