"""The versions of one key of a history: what was true from when to when, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from shoplake.cli.console import counted, grid
from shoplake.cli.views.tables import found
from shoplake.declare import VALIDITY
from shoplake.errors import KeyNotFoundError, NotVersionedError

if TYPE_CHECKING:
    from rich.console import Console

    from shoplake.declare import Table
    from shoplake.engine.query.dataframe import LakeFrame
    from shoplake.lake import Lake

LIKE = 3
"""How many keys an error names."""


def versions(lake: Lake, name: str, key: str) -> dict[str, Any]:
    """The versions of `key` in the history `name`, oldest first, each with the columns that changed.

    Raises NotVersionedError for a table that keeps none, KeyNotFoundError for a key that it does not hold.
    """
    table = found(lake, name)
    if table.changelog is None:
        kept = [each for each, known in lake.known.items() if known.changelog is not None]
        raise NotVersionedError(table.qualified_name, kept)
    rows = lake.table(table.qualified_name)
    of = table.key[1]
    told = _rows(rows.where(rows[of] == key).orderBy("feed", "valid_from"))
    if not told:
        raise KeyNotFoundError(key, of, table.qualified_name, _like(rows, of, key))
    return {"table": table.qualified_name, "key": of, "value": key, "versions": _compared(table, told)}


def show(out: Console, said: dict[str, Any]) -> None:
    """Print the versions, one a line, with what changed from one to the next in yellow."""
    versions = said["versions"]
    names = [name for name in versions[0]["facts"] if any(each["facts"][name] is not None for each in versions)]
    feeds = len({each["feed"] for each in versions}) > 1
    shown = grid(*(["feed"] if feeds else []), "from", "to", *names, "what changed")
    for version in versions:
        if version["is_return"]:
            shown.add_row(*([version["feed"]] if feeds else []), Text("not there", style="dim"))
        cells = [_cell(version["facts"][name], is_new=name in version["changed"]) for name in names]
        until = "now" if version["is_current"] else _moment(version["valid_to"])
        what = ", ".join(version["changed"]) or "first known" * (not version["is_return"]) or "there again"
        shown.add_row(
            *([version["feed"]] if feeds else []), _moment(version["valid_from"]), until, *cells, Text(what, "dim")
        )
    out.print(f"{said['table']} {said['value']}: {counted(len(versions), 'version')}", style="bold")
    out.print(shown)


def _compared(table: Table[...], told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The versions with their facts apart, the columns that changed, and whether there was none right before."""
    apart = {*table.key, *(column.name for column in VALIDITY)}
    compared: list[dict[str, Any]] = []
    for row in told:
        facts = {name: value for name, value in row.items() if name not in apart}
        last = compared[-1] if compared and compared[-1]["feed"] == row["feed"] else None
        changed = [name for name in facts if last is not None and facts[name] != last["facts"][name]]
        is_return = last is not None and last["valid_to"] != row["valid_from"]
        validity = {name: row[name] for name in ("feed", "valid_from", "valid_to", "is_current")}
        compared.append(validity | {"is_return": is_return, "changed": changed, "facts": facts})
    return compared


def _like(rows: LakeFrame, of: str, key: str) -> list[str]:
    """Keys that hold what was typed, or any."""
    known = rows.select(of).distinct().orderBy(of)
    near = _rows(known.where(rows[of].contains(key)).limit(LIKE))
    return [row[of] for row in near or _rows(known.limit(LIKE))]


def _rows(rows: LakeFrame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.to_arrow().to_pylist()
    return found


def _cell(value: object, *, is_new: bool) -> Text:
    return Text("∅" if value is None else str(value), style="bold yellow" if is_new else "dim" if value is None else "")


def _moment(at: Any) -> str:
    return str(at.strftime("%Y-%m-%d %H:%M:%S"))
