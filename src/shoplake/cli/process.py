"""The process of the command line: it ends as soon as its work has ended."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from typing import NoReturn

from shoplake.cli.main import main


def run_process() -> NoReturn:
    """Run the command of `sys.argv`, then end the process with its exit code.

    To free all modules and the engine one by one takes a fifth of a second; the operating system does it at once.
    """
    try:
        main(prog_name="shoplake")
    except SystemExit as exit_:
        end_process(_exit_code(exit_))
    end_process(0)


def end_process(code: int) -> NoReturn:
    """Wait for threads, run what is registered for the end, write what is buffered, and exit with `code`.

    Output that cannot be written, as on a full disk, is an error: exit code 120, as Python's own.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # what the interpreter calls first when it ends
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError) as error:
            code = code or 120
            if stream is sys.stdout:
                os.write(2, f"Error: the output could not be written: {error}.\n".encode())
    os._exit(code)


def _exit_code(exit_: SystemExit) -> int:
    if isinstance(exit_.code, int):
        return exit_.code
    if exit_.code is not None:
        sys.stderr.write(f"{exit_.code}\n")
    return 0 if exit_.code is None else 1
