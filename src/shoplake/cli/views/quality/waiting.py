"""The view of records that wait for a record of another file."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import format_number, pluralize
from shoplake.record_text import place, plain, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

MAX_RECORDS = 20
"""Records of a table that are printed."""


@dataclass(frozen=True)
class WaitingView:
    """Records that are in no table until a run reads what completes them."""

    records: Sequence[Mapping[str, Any]]

    def render(self, console: Console) -> None:
        """Print each table with its first records: feed, place and text."""
        if not self.records:
            console.print("No record waits for another.")
        for table, rows in groupby(self.records, key=lambda each: each["table"]):
            found = list(rows)
            wait = "waits" if len(found) == 1 else "wait"
            console.print(f"{table}: {pluralize(len(found), 'record')} {wait} for a record of another file")
            for each in found[:MAX_RECORDS]:
                text = f"  {each['feed']} {place(each['file'], each['line'])}  {shortened(each['raw'])}"
                console.print(text, soft_wrap=True, markup=False, highlight=False)
            if len(found) > MAX_RECORDS:
                console.print(f"  and {format_number(len(found) - MAX_RECORDS)} more; --json has all")

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object per record."""
        return [plain(each) for each in self.records]
