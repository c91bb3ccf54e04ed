"""Console output: width, numbers and percentages, tables, and the commands to type next."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.measure import Measurement
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from shoplake.cli.broken_pipe import discard_output

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import ConsoleOptions, RenderableType, RenderResult
    from rich.table import Column

WIDE = 1_000
"""The width of an output that is not a terminal: a line stays one line for grep."""

TEXT, NARROWEST, HEADING = 24, 10, 6
"""Columns of a terminal: of a text while headings can be folded, and the least of a text or name, and of a heading."""

MAX_RULE_WIDTH = 100

PLAIN: dict[str, Any] = {"markup": False, "emoji": False, "highlight": False}
"""Text is printed as it is: data may contain brackets."""

COLOURS = {"PASS": "green", "WARN": "yellow", "FAIL": "bold red"}  # nosec B105  # the result of a check


class PipeConsole(Console):
    """A console that drops its output once the reader of a pipe is gone."""

    def on_broken_pipe(self) -> None:
        """Stay silent from now on; the work that prints goes on."""
        self.quiet = True
        discard_output(self.file)

    def print(self, *objects: Any, crop: bool = False, **options: Any) -> None:
        """Print; what is wider than the terminal is wrapped by it, and not cut off."""
        super().print(*objects, crop=crop, **options)


class TextTable(Table):
    """A table that hides nothing on a narrow terminal: texts are folded, numbers stay whole.

    Where texts are narrow enough, the headings of numbers are folded, then names; beyond that it is wider than the
    terminal, which wraps it.
    """

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Give each column its width, and render."""
        cells = [_width(console, options, column.cells) for column in self.columns]
        widths = [
            max(_width(console, options, [each.header]), cell) for each, cell in zip(self.columns, cells, strict=True)
        ]
        texts, numbers, names = (
            [place for place, column in enumerate(self.columns) if kind == _kind(column)]
            for kind in ("text", "number", "name")
        )
        room = options.max_width - len(widths)
        if sum(widths) > room:
            for places, least in ((texts, TEXT), (numbers, HEADING), (names, NARROWEST), (texts, NARROWEST)):
                floors = {place: max(least, cells[place]) if places is numbers else least for place in places}
                _shrink(widths, floors, room)
            for column, width in zip(self.columns, widths, strict=True):
                column.width, column.no_wrap = width, False
        wide = options.update(width=max(options.max_width, sum(widths) + len(widths)))
        return super().__rich_console__(console, wide)


def _kind(column: Column) -> str:
    """Return what is in a column: a number, a name, which is not wrapped, or a text."""
    return "number" if column.justify == "right" else "name" if column.no_wrap else "text"


def _shrink(widths: list[int], floors: Mapping[int, int], room: int) -> None:
    """Take from the widest of some columns until all fit the room or each is as narrow as it may be."""
    while sum(widths) > room and (left := [place for place, floor in floors.items() if widths[place] > floor]):
        widths[max(left, key=widths.__getitem__)] -= 1


def _width(console: Console, options: ConsoleOptions, cells: Iterable[RenderableType]) -> int:
    wide = options.update_width(WIDE)
    return max((Measurement.get(console, wide, cell).maximum for cell in cells), default=0)


def open_console(*, stderr: bool = False) -> Console:
    """Return a console on the present stdout or stderr, as wide as the terminal or `COLUMNS`."""
    console = PipeConsole(stderr=stderr, **PLAIN)
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        console.width = WIDE
    return console


def text_table(*names: str, numbers: Iterable[str] = ()) -> TextTable:
    """Return a table without lines; the columns named in `numbers` are aligned right."""
    table = TextTable(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    right = set(numbers)
    for name in names:
        is_number = name in right
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    return table


def format_number(value: Any) -> str:
    """Format a whole number with thousands separators; None is empty."""
    return "" if value is None else f"{value:,}"


def pluralize(count: int, noun: str, plural: str | None = None) -> str:
    """Format a count with its noun, e.g. `1 file`, `1,200 files`."""
    return f"{format_number(count)} {noun if count == 1 else plural or f'{noun}s'}"


def format_size(size: int) -> str:
    """Format a number of bytes, e.g. `24.0 kB`, `37.8 MB`."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"


def format_percent(ratio: float | None) -> str:
    """Format a ratio as per cent, e.g. `2.5 %`; None is empty."""
    return "" if ratio is None else f"{100 * ratio:.1f} %"


def styled_status(status: str) -> Text:
    """Return PASS, WARN or FAIL in its colour."""
    return Text(status, style=COLOURS.get(status, ""))


def command_line(*words: str, config: Path | None = None) -> str:
    """Return the command to type for `words`, from this folder and however shoplake was started.

    Options follow the first word; one of a group is written as one, such as `score churn`.
    """
    options = ["--config", str(config)] if config not in (None, Path("shoplake.toml")) else []
    command, *rest = words
    return f"{_program()} {shlex.join([*command.split(), *options])} {' '.join(rest)}".strip()


def sql_command_line(query: str, config: Path | None = None) -> str:
    """Return the command to type for a query."""
    return command_line("sql", f'"{query}"', config=config)


def print_next_steps(console: Console, *commands: str) -> None:
    """Print commands to type next, each on a line of its own that can be copied."""
    console.print("\nNext", style="bold")
    for line in commands:
        console.print(Text(f"  {line}", style="cyan"), soft_wrap=True)


def print_section(console: Console, title: str) -> None:
    """Print a title with a rule behind it, as wide as the terminal; off a terminal at most 100 columns."""
    width = console.width if console.is_terminal else min(console.width, MAX_RULE_WIDTH)
    console.print(Rule(title, align="left"), width=width)


def _program() -> str:
    """Return how to start shoplake from this folder: by its name, through uv, or by the path of either."""
    prefix = Path(sys.prefix)
    is_active = os.environ.get("VIRTUAL_ENV") == str(prefix) and "UV" not in os.environ
    is_on_path = shutil.which("shoplake") == str(prefix / "bin/shoplake") and "UV" not in os.environ
    if is_active or is_on_path or prefix.name != ".venv":
        return "shoplake"
    checkout = prefix.parent
    if Path.cwd().is_relative_to(checkout):  # elsewhere uv would look for another project
        if shutil.which("uv"):
            return "uv run shoplake"
        if (checkout / ".uv/bin/uv").exists():
            return f"{_quoted_path(checkout / '.uv/bin/uv')} run shoplake"
    return _quoted_path(prefix / "bin/shoplake")


def _quoted_path(path: Path) -> str:
    """Return a path relative to this folder where it lies below it, quoted for a shell; below the root all paths do."""
    folder = Path.cwd()
    is_below = path.is_relative_to(folder) and folder != folder.parent
    return shlex.quote(str(path.relative_to(folder) if is_below else path))
