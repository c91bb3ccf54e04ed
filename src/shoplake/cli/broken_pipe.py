"""A closed pipe ends the output of a command, not the command."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import IO


def discard_output(stream: IO[str]) -> None:
    """Send whatever is written to `stream` from now on to nowhere, so that no later write or flush fails."""
    with suppress(OSError, ValueError):  # an in-memory stream has no file descriptor
        target = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, target)
        os.close(nowhere)
