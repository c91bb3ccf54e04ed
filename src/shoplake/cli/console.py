"""Where the words go: a console as wide as the terminal, numbers as people write them, and what to type next."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDE = 1_000
"""The width of what is not a terminal, so that a line stays a line for grep."""

WIDEST_RULE = 100

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


def counted(value: int, what: str) -> str:
    """A number of things, e.g. `1 file`, `1,200 files`."""
    return f"{number(value)} {what}" + ("" if value == 1 else "s")


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


def section(out: Console, title: str) -> None:
    """A title with a line behind it, as wide as the terminal; at most 100 columns where there is none."""
    width = out.width if out.is_terminal else min(out.width, WIDEST_RULE)
    out.print(Rule(title, align="left"), width=width)


def _program() -> str:
    """How to start shoplake again from this folder: by its name, through uv, or by the path of either."""
    prefix = Path(sys.prefix)
    is_active = os.environ.get("VIRTUAL_ENV") == str(prefix) and "UV" not in os.environ
    if is_active or prefix.name != ".venv":
        return "shoplake"
    checkout = prefix.parent
    if Path.cwd().is_relative_to(checkout):  # elsewhere uv would look for another project
        if shutil.which("uv"):
            return "uv run shoplake"
        if (checkout / ".uv/bin/uv").exists():
            return f"{_typed(checkout / '.uv/bin/uv')} run shoplake"
    return _typed(prefix / "bin/shoplake")


def _typed(path: Path) -> str:
    """A path as seen from this folder, for a shell."""
    return shlex.quote(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path))
