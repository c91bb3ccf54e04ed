"""The output of a command: one view, as text or as JSON, or a file.

A closed pipe ends the output, not the command. A file is there whole or not at all.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Protocol

import click

from shoplake.cli.broken_pipe import discard_output

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console


class View(Protocol):
    """The result of a command: printed for people, or as data for a program."""

    def render(self, console: Console) -> None:
        """Print the result."""

    def to_json(self) -> Any:
        """Return the result as values that JSON can represent."""


def emit(view: View, as_json: bool) -> None:
    """Print a view on stdout."""
    if as_json:
        return write_json(view.to_json())
    from shoplake.cli.console import open_console

    return view.render(open_console())


def write_json(data: object, *, indent: int | None = 2) -> None:
    """Write one JSON value to stdout; without `indent` on one line."""
    text = json.dumps(data, indent=indent, ensure_ascii=False, default=str)
    try:
        click.echo(text)
    except BrokenPipeError:
        discard_output(sys.stdout)


@contextmanager
def open_replacement(output: Path) -> Iterator[IO[bytes]]:
    """Open what replaces a file once it is whole; a pipe or a device is written to as it is."""
    if output.exists() and not output.is_file():
        with output.open("wb") as binary:
            yield binary
        return
    target = output.resolve()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as binary:
            yield binary
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def write_replacement(output: Path, text: str) -> None:
    """Write a text into a file that is whole, or as it was where the disk is full."""
    with open_replacement(output) as binary:
        binary.write(text.encode())
