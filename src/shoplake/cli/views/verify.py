"""What the check of a lake found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.cli.console import counted, number
from shoplake.cli.views import tables

if TYPE_CHECKING:
    from rich.console import Console

    from shoplake.engine import Problem
    from shoplake.lake import Lake


def show(out: Console, lake: Lake, problems: list[Problem]) -> None:
    """Print each problem on a line, or what was found well."""
    for problem in problems:
        out.print(str(problem), style="red", soft_wrap=True)
    if problems:
        tables_with = len({each.table for each in problems})
        out.print(f"{counted(len(problems), 'problem')} in {counted(tables_with, 'table')}.", style="bold red")
        return
    rows = sum(tables.rows(lake, table) or 0 for table in lake.known.values())
    out.print(
        f"All is well: {len(lake.known)} tables, {number(rows)} rows; files, checksums and counts are as the logs and "
        "the ledger say, and gold agrees with silver.",
        soft_wrap=True,
    )


def as_data(lake: Lake, problems: list[Problem]) -> dict[str, Any]:
    """The same for a program to read."""
    found = [{"table": each.table, "problem": each.problem, "file": each.file} for each in problems]
    return {"tables": len(lake.known), "problems": found}
