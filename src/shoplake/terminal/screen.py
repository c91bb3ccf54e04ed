"""Where the words go: a console as wide as the terminal, numbers as people write them, and what to type next."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDE = 1_000
"""The width of what is not a terminal, so that a line stays a line for grep."""

PLAIN: dict[str, Any] = {"markup": False, "emoji": False, "highlight": False}
"""What a text says is printed as it is: data may hold brackets."""

COLOURS = {"PASS": "green", "WARN": "yellow", "FAIL": "bold red"}


def console(*, stderr: bool = False) -> Console:
    """A console on the output as it now is."""
    out = Console(stderr=stderr, **PLAIN)
    if not out.is_terminal and not os.environ.get("COLUMNS"):
        out.width = WIDE
    return out


def grid(*names: str, numbers: Iterable[str] = ()) -> Table:
    """A table without lines; the columns named in `numbers` stand to the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    right = set(numbers)
    for name in names:
        is_number = name in right
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number)
    return table


def number(value: Any) -> str:
    """A whole number with thousands separators; nothing for None."""
    return "" if value is None else f"{value:,}"


def percent(share: float | None) -> str:
    """A share as per cent, e.g. `2.5 %`; nothing for None."""
    return "" if share is None else f"{100 * share:.1f} %"


def status(word: str) -> Text:
    """PASS, WARN or FAIL in its colour."""
    return Text(word, style=COLOURS.get(word, ""))


def command(*words: str, config: Path | None = None) -> str:
    """What to type so that shoplake does `words`, from this folder and however it was started."""
    given = ["--config", str(config)] if config not in (None, Path("shoplake.toml")) else []
    verb, *rest = words
    return f"{_program()} {shlex.join([verb, *given])} {' '.join(rest)}".strip()


def ask(query: str, config: Path | None = None) -> str:
    """What to type to have a query answered."""
    return command("sql", f'"{query}"', config=config)


def next_steps(out: Console, *commands: str) -> None:
    """Say what to type next, each command on a line of its own that can be copied."""
    out.print("\nNext", style="bold")
    for line in commands:
        out.print(Text(f"  {line}", style="cyan"), soft_wrap=True)


def _program() -> str:
    """`uv run shoplake` where uv started this, or it lies in a `.venv` that is not activated."""
    prefix = Path(sys.prefix)
    is_active = os.environ.get("VIRTUAL_ENV") == str(prefix)
    by_uv = "UV" in os.environ or (prefix.name == ".venv" and not is_active)
    return "uv run shoplake" if by_uv else "shoplake"
