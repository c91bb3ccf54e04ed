"""Views of tables: the list of all, and the declaration of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from shoplake.cli.console import format_number, text_table
from shoplake.declare import LAYERS, Action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table as TextTable

    from shoplake.declare import Table
    from shoplake.lake import Lake

ORDER = (*LAYERS, "ops")


@dataclass(frozen=True)
class TableListView:
    """All tables of a lake, each with its row count; None for one that is not built yet."""

    tables: Sequence[tuple[Table[...], int | None]]

    @classmethod
    def of(cls, lake: Lake) -> TableListView:
        """List the tables of a lake, layer by layer."""
        tables = sorted(lake.known.values(), key=lambda table: ORDER.index(table.layer))
        return cls([(table, lake.row_count(table.qualified_name)) for table in tables])

    def render(self, console: Console) -> None:
        """Print one table per line."""
        output = text_table("layer", "name", "rows", "one row per", numbers=["rows"])
        output.columns[1].no_wrap = True
        for table, rows in self.tables:
            grain = table.summary.removeprefix("One row per ").removesuffix(".")
            output.add_row(table.layer, table.name, format_number(rows), grain)
        console.print(output)

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object per table."""
        return [
            {"layer": table.layer, "name": table.name, "rows": rows, "description": table.summary}
            for table, rows in self.tables
        ]


@dataclass(frozen=True)
class TableView:
    """The declaration of one table, its row count and its location."""

    description: dict[str, Any]

    @classmethod
    def of(cls, lake: Lake, name: str) -> TableView:
        """Describe a table by its name. Raises UnknownTableError."""
        return cls(describe_table(lake, lake.find(name)))

    def render(self, console: Console) -> None:
        """Print what the table contains, its columns and its rules."""
        table = self.description
        console.print(f"{table['layer']}.{table['name']}", style="bold")
        console.print(join_lines(table["description"]))
        console.print()
        console.print(self._facts())
        console.print()
        console.print(self._columns())
        if table["rules"]:
            console.print("\nrules", style="bold")
        for rule in table["rules"]:
            is_warning = rule["on_violation"] == Action.WARN
            console.print(rule["name"] + (" (warning only: the row is kept)" if is_warning else ""))
            console.print(Padding(rule["condition"], (0, 0, 0, 4), expand=False), style="dim")

    def to_json(self) -> dict[str, Any]:
        """Return the description as one object."""
        return self.description

    def _facts(self) -> TextTable:
        output = text_table("", "")
        output.show_header = False
        table = self.description
        facts = {
            "rows": format_number(table["rows"]) or "not built yet",
            "key": ", ".join(table["key"]),
            "write mode": table["write_mode"],
            "partitions": ", ".join(table["partition_by"]),
            "while watching": f"at most every {table['watch_interval']}" if table["watch_interval"] else "",
            "inputs": ", ".join(table["inputs"]),
            "downstream": ", ".join(table["downstream"]),
            "quarantine": table["quarantine"],
            "changelog": table["changelog"],
            "location": table["location"],
        }
        for name, fact in facts.items():
            if fact:
                output.add_row(Text(name, style="bold"), fact)
        return output

    def _columns(self) -> TextTable:
        output = text_table("column", "type", "required", "description")
        for index in (0, 1, 2):
            output.columns[index].no_wrap = True
        for column in self.description["columns"]:
            unit = f" ({column['unit']})" if column["unit"] else ""
            required = "yes" if column["required"] else ""
            output.add_row(column["name"], column["type"], required, f"{column['description']}{unit}")
        return output


def join_lines(text: str) -> str:
    """Return a text whose paragraphs are one line each, to be wrapped by a terminal; lists and examples stay."""
    paragraphs = text.split("\n\n")
    has_form = [any(line.startswith((" ", "-", "|", "`")) for line in each.splitlines()) for each in paragraphs]
    return "\n\n".join(
        each if keeps else " ".join(each.split()) for each, keeps in zip(paragraphs, has_form, strict=True)
    )


def describe_table(lake: Lake, table: Table[...]) -> dict[str, Any]:
    """Return what a table declares, its row count and its location."""
    return {
        "layer": table.layer,
        "name": table.name,
        "rows": lake.row_count(table.qualified_name),
        "description": table.doc,
        "key": list(table.key),
        "write_mode": table.write.describe(),
        "partition_by": list(table.partition_by),
        "watch_interval": table.watch_interval or None,
        "columns": [
            {"name": c.name, "type": c.type, "description": c.doc, "unit": c.unit, "required": c.required}
            for c in table.columns
        ],
        "rules": [
            {"name": rule.name, "condition": rule.condition, "on_violation": rule.on_violation.value}
            for rule in table.expectations
        ],
        "inputs": [] if table.layer == "ops" else [name for name in table.inputs if name in lake.catalog],
        "downstream": lake.catalog.downstream_of(table.name),
        "quarantine": table.quarantine.qualified_name if table.quarantine else None,
        "changelog": table.changelog.qualified_name if table.changelog else None,
        "location": lake.path(table.qualified_name),
    }
