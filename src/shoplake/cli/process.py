"""The process of the command line: it ends as soon as its work has ended, or starts itself again."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from typing import NoReturn

from shoplake.cli.errors import STOPPED
from shoplake.cli.main import main
from shoplake.cli.watch.process_restart import STOPPING, ProcessRestart, StartedProcess


def run_process() -> NoReturn:
    """Run the command of `sys.argv`, then end the process with its exit code.

    To free all modules and the engine one by one takes a fifth of a second; the operating system does it at once.
    """
    started = StartedProcess.current()
    open_closed_streams()
    try:
        main(prog_name="shoplake", obj=started)
    except ProcessRestart as restart:
        restart_process(started, restart)
    except SystemExit as exit_:
        end_process(_exit_code(exit_))
    end_process(0)


def open_closed_streams() -> None:
    """Open what is closed of standard input, output and error, as a supervisor may leave them: it leads nowhere.

    The next file that is opened would get the free number, and what libraries print would be written into it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.dup2(nowhere := os.open(os.devnull, os.O_RDWR), number)
            if nowhere != number:
                os.close(nowhere)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def end_process(code: int) -> NoReturn:
    """Finish the work of this process, and exit with `code`; a signal that comes meanwhile ends it at once."""
    for number in STOPPING:
        signal.signal(number, lambda *_: os._exit(_flush(code)))
    os._exit(_finish(code))


def restart_process(started: StartedProcess, restart: ProcessRestart) -> NoReturn:
    """Finish the work of this process, and start its program again in its place.

    It ends with exit code 0 where a signal has come meanwhile, with 130 after the second, with 1 where its program
    cannot be started.
    """
    try:
        code = _finish(0)
        if not code:
            started.restart(restart)
            restart.end()
    except KeyboardInterrupt:
        code = 130
    except OSError as error:
        os.write(2, f"Error: the process could not start itself again: {error}.\n".encode())
        code = 1
    os._exit(_flush(code))


def _finish(code: int) -> int:
    """Wait for threads, run what is registered for the end, and write what is buffered; return the exit code.

    Threads of a command that a signal stopped are not waited for: one in whose start it came would wait for work.
    """
    if code not in STOPPED:
        threading._shutdown()  # type: ignore[attr-defined]  # what the interpreter calls first when it ends
    atexit._run_exitfuncs()
    return _flush(code)


def _flush(code: int) -> int:
    """Write what is buffered; output that cannot be written, as on a full disk, is exit code 120, as Python's own."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError) as error:
            code = code or 120
            if stream is sys.stdout:
                os.write(2, f"Error: the output could not be written: {error}.\n".encode())
    return code


def _exit_code(exit_: SystemExit) -> int:
    if isinstance(exit_.code, int):
        return exit_.code
    if exit_.code is not None:
        sys.stderr.write(f"{exit_.code}\n")
    return 0 if exit_.code is None else 1
