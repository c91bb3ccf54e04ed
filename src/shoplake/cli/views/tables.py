"""The tables of a lake and what each is, from their declarations; rows from the tables' logs, where there are any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from shoplake.cli.console import grid, number
from shoplake.declare import Action
from shoplake.engine.storage import delta_log
from shoplake.errors import UnknownTableError

if TYPE_CHECKING:
    from rich.console import Console

    from shoplake.declare import Table
    from shoplake.lake import Lake


LAYERS = ("bronze", "silver", "gold", "ops")


def listed(lake: Lake) -> list[dict[str, Any]]:
    """Every table: its layer, name, rows (None where it does not exist yet) and what one row is."""
    return [
        {"layer": table.layer, "name": table.name, "rows": rows(lake, table), "what": _first_sentence(table)}
        for table in sorted(lake.known.values(), key=lambda table: LAYERS.index(table.layer))
    ]


def found(lake: Lake, name: str) -> Table[...]:
    """The table called `name` or `layer.name`, quarantines and the ledger's among them."""
    bare = {table.name: table for table in lake.known.values()}
    table = lake.known.get(name) or bare.get(name)
    if table is None:
        raise UnknownTableError(name, lake.known if "." in name else bare)
    return table


def described(lake: Lake, table: Table[...]) -> dict[str, Any]:
    """All that a table's declaration says, and where it lies."""
    return {
        "layer": table.layer,
        "name": table.name,
        "rows": rows(lake, table),
        "what": table.doc,
        "key": list(table.key),
        "write": table.write.describe(),
        "partition_by": list(table.partition_by),
        "columns": [
            {"name": each.name, "type": each.type, "meaning": each.doc, "unit": each.unit, "required": each.required}
            for each in table.columns
        ],
        "rules": [
            {"name": each.name, "holds": each.condition, "otherwise": each.on_violation.value}
            for each in table.expectations
        ],
        "reads": [] if table.layer == "ops" else [each for each in table.inputs if each in lake.catalog],
        "read_by": lake.catalog.downstream_of(table.name),
        "quarantine": f"{table.layer}.{table.quarantine.name}" if table.quarantine else None,
        "changelog": f"{table.layer}.{table.changelog.name}" if table.changelog else None,
        "location": location(lake, table),
    }


def location(lake: Lake, table: Table[...]) -> str:
    """Where the table lies."""
    return lake.at(table)


def rows(lake: Lake, table: Table[...]) -> int | None:
    """How many rows the table has; None if it does not exist yet."""
    at = location(lake, table)
    return delta_log.row_count(at) if delta_log.exists(at) else None


def show_list(out: Console, tables: list[dict[str, Any]]) -> None:
    """Print the tables, one a line."""
    shown = grid("layer", "name", "rows", "one row is", numbers=["rows"])
    shown.columns[1].no_wrap = True
    for each in tables:
        what = each["what"].removeprefix("One row ").removesuffix(".")
        shown.add_row(each["layer"], each["name"], number(each["rows"]), what)
    out.print(shown)


def show_table(out: Console, table: dict[str, Any]) -> None:
    """Print all that is known of a table."""
    out.print(f"{table['layer']}.{table['name']}", style="bold")
    out.print(table["what"])
    out.print()
    out.print(_facts(table))
    out.print()
    out.print(_columns(table["columns"]))
    if table["rules"]:
        out.print("\nrules", style="bold")
    for rule in table["rules"]:
        kept = " (a warning: the row is kept)" if rule["otherwise"] == Action.WARN else ""
        out.print(f"{rule['name']}{kept}")
        out.print(Padding(rule["holds"], (0, 0, 0, 4)), style="dim")


def _facts(table: dict[str, Any]) -> Any:
    shown = grid("", "")
    shown.show_header = False
    facts = {
        "rows": number(table["rows"]) or "none yet",
        "key": ", ".join(table["key"]),
        "written": table["write"],
        "partitions": ", ".join(table["partition_by"]),
        "reads": ", ".join(table["reads"]),
        "read by": ", ".join(table["read_by"]),
        "bad rows": table["quarantine"],
        "changes": table["changelog"],
        "lies at": table["location"],
    }
    for name, fact in facts.items():
        if fact:
            shown.add_row(Text(name, style="bold"), fact)
    return shown


def _columns(columns: list[dict[str, Any]]) -> Any:
    shown = grid("column", "type", "required", "meaning")
    for index in (0, 1, 2):
        shown.columns[index].no_wrap = True
    for each in columns:
        meaning = f"{each['meaning']} ({each['unit']})" if each["unit"] else each["meaning"]
        shown.add_row(each["name"], each["type"], "yes" if each["required"] else "", meaning)
    return shown


def _first_sentence(table: Table[...]) -> str:
    return table.summary
