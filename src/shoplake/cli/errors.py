"""Exit codes: 0 success, 1 an error with its hint, 2 wrong usage, 4 changes to apply, 130 Ctrl-C, 143 SIGTERM."""

from __future__ import annotations

import re
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from shoplake.cli.broken_pipe import discard_output
from shoplake.errors import KindError, SettingsError, ShoplakeError
from shoplake.full_disk import is_of_full_disk
from shoplake.log import hide_url_secrets
from shoplake.missing_engine import EngineNotInstalledError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STOPPED = INTERRUPTED, TERMINATED = 130, 143
"""The exit codes of a command that Ctrl-C or SIGTERM stopped."""
OF_SYSTEM = "(os error "
"""What Delta's library writes behind what the system refused, in the last of several lines: its errors name no file."""
NOT_UTF8 = "surrogates not allowed"
"""Why Python cannot encode a word of the command line whose bytes it could not decode."""
MARKS = re.compile(r"\x1b\[[\d;]*m|↳")
FREE_SPACE = " Free space on the disk and run the command again."


@contextmanager
def exit_codes(ctx: click.Context) -> Iterator[None]:
    """Turn an error that a user can resolve into its message and an exit code; a bug keeps its traceback.

    The reader of a pipe that closes it, as `head` does, is no error.
    """
    try:
        with _terminable():
            yield
    except ShoplakeError as error:
        raise _failure(error) from error
    except ModuleNotFoundError as error:
        raise _failure(EngineNotInstalledError.of_import(error)) from error
    except BrokenPipeError:
        discard_output(sys.stdout)
    except Exception as error:
        if (reason := _reason_of_the_system(error)) is None:
            raise
        raise click.ClickException(reason) from error
    except KeyboardInterrupt as stop:
        click.echo("Stopped. Committed data is safe. Run the command again to continue.", err=True)
        ctx.exit(TERMINATED if isinstance(stop, Terminated) else INTERRUPTED)


class Terminated(KeyboardInterrupt):
    """SIGTERM stops a command as Ctrl-C does: what it holds is released, and it says how to go on."""


def _terminate(number: int, frame: object) -> None:
    raise Terminated


@contextmanager
def _terminable() -> Iterator[None]:
    """Raise Terminated at SIGTERM inside a `with`, but where something else handles the signal, and goes on to."""
    is_main = threading.current_thread() is threading.main_thread()
    is_ours = is_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if is_ours:
        signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        if is_ours and signal.getsignal(signal.SIGTERM) is _terminate:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _reason_of_the_system(error: Exception) -> str | None:
    """Return in one line what the operating system refused, of a named file or as the disk is full; None of a bug.

    So is a word of the command line in another encoding, which no engine takes.
    """
    of_disk = [line for line in str(error).splitlines() if is_of_full_disk(line)]
    if isinstance(error, OSError) and error.filename is not None:
        reason = f"{error.filename}: {error.strerror}"
    elif of_disk and not isinstance(error, click.ClickException):
        reason = of_disk[0].rstrip(".")
    elif isinstance(error, UnicodeEncodeError) and error.reason == NOT_UTF8:
        words = error.object.encode(errors="replace").decode()
        reason = f"'{words}' is not text in UTF-8. Type it again in a terminal whose LANG names UTF-8, as C.UTF-8 does"
    elif isinstance(error, OSError) and OF_SYSTEM in str(error):
        lines = (MARKS.sub("", line).strip() for line in str(error).splitlines())
        reason = ": ".join([line for line in lines if line][-2:])
    else:
        return None
    return f"{reason}.{FREE_SPACE if of_disk else ''}"


def _failure(error: ShoplakeError) -> click.ClickException:
    """Return the error as one line, with its exit code; mistakes of a kind or in the settings are a line each."""
    failure = click.ClickException("\n".join(hide_url_secrets(" ".join(line.split())) for line in _lines(error)))
    vars(failure)["exit_code"] = error.exit_code  # click declares it for the class
    return failure


def _lines(error: ShoplakeError) -> Sequence[str]:
    if isinstance(error, KindError):
        return error.mistakes
    return str(error).splitlines() if isinstance(error, SettingsError) else (str(error),)
