"""View of the profile of a table, and of the rules that are proposed for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import format_number, text_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from shoplake.quality.profile.column_profile import ColumnProfile
    from shoplake.quality.profile.proposals import Proposal, TableProfile

MAX_LENGTH = 30
"""Characters of a value."""


@dataclass(frozen=True)
class ProfileView:
    """The profile of a table; with `proposes`, the rules as code."""

    profile: TableProfile
    proposes: bool

    def render(self, console: Console) -> None:
        """Print one column per line, then the proposals as a whole `rules.py`."""
        table = text_table("column", "type", "nulls", "distinct", "least", "greatest", numbers=["nulls", "distinct"])
        for each in self.profile.columns:
            cells = format_number(each.nulls), f"~{format_number(each.distinct)}"
            table.add_row(each.name, each.type, *cells, _short(each.least), _short(each.greatest))
        console.print(f"{self.profile.table}: {format_number(self.profile.rows)} rows")
        console.print(table)
        if self.proposes and not self.profile.proposals:
            console.print("No rule is proposed that the table does not have.")
        elif self.proposes:
            for line in _code(self.profile):
                console.print(line, soft_wrap=True, markup=False, highlight=False)

    def to_json(self) -> dict[str, Any]:
        """Return the columns, and the code of what is proposed."""
        return {
            "table": self.profile.table,
            "rows": self.profile.rows,
            "columns": [_column(each) for each in self.profile.columns],
            "learnt_until": self.profile.learnt_until and self.profile.learnt_until.isoformat(),
            "proposals": [{"code": each.code, "evidence": each.evidence} for each in self.profile.proposals],
        }


def _code(profile: TableProfile) -> list[str]:
    """Return the proposals as an extension of the table that has a name, below the import of what it calls."""
    rules = [each for each in profile.proposals if each.rule]
    gates = [each for each in profile.proposals if each.unique]
    called = sorted({"extend", *(each.code.partition("(")[0] for each in profile.proposals)})
    imports = f"from shoplake.declare import {', '.join(called)}"
    lines = [imports, "", f"{profile.table.replace('.', '_')}_rules = extend(", f'    "{profile.table}",']
    for name, some in (("expectations", rules), ("gates", gates)):
        if some:
            lines += [f"    {name}=[", *_lines(some), "    ],"]
    return [*lines, ")"]


def _lines(proposals: Iterable[Proposal]) -> list[str]:
    return [f"        {each.code},  # {each.evidence}" for each in proposals]


def _column(profile: ColumnProfile) -> dict[str, Any]:
    least, greatest = (None if each is None else str(each) for each in (profile.least, profile.greatest))
    cells = {"name": profile.name, "type": profile.type, "nulls": profile.nulls, "distinct": profile.distinct}
    return {**cells, "least": least, "greatest": greatest, "values": dict(profile.values)}


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"
