"""View of the versions of one key of an SCD type 2 table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F
from rich.text import Text

from shoplake.cli.console import pluralize, text_table
from shoplake.declare import VALIDITY
from shoplake.errors import KeyNotFoundError, NotVersionedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rich.console import Console

    from shoplake.declare import Table
    from shoplake.lake import Lake

MAX_SUGGESTIONS = 3
"""How many existing keys an error names."""


@dataclass(frozen=True)
class RowVersionsView:
    """The versions of one key, oldest first, each with the columns that changed."""

    table: str
    key_column: str
    key: str
    versions: Sequence[dict[str, Any]]

    @classmethod
    def of(cls, lake: Lake, name: str, key: str) -> RowVersionsView:
        """Read the versions of `key`.

        Raises NotVersionedError for a table that keeps no versions, KeyNotFoundError for a key without rows.
        """
        table = lake.find(name)
        if not is_versioned(table):
            versioned = [each for each, known in lake.known.items() if is_versioned(known)]
            raise NotVersionedError(table.qualified_name, versioned)
        rows, column = lake.table(table.qualified_name), table.key[1]
        versions = rows.where(F.col(column) == key).orderBy("feed", "valid_from").to_arrow().to_pylist()
        if not versions:
            raise KeyNotFoundError(key, column, table.qualified_name, _similar_keys(lake, table, key))
        return cls(table.qualified_name, column, key, compare_versions(table, versions))

    def render(self, console: Console) -> None:
        """Print one version per line, changed values in yellow."""
        has_feeds = len({version["feed"] for version in self.versions}) > 1
        names = [
            name
            for name in self.versions[0]["values"]
            if any(version["values"][name] is not None for version in self.versions)
        ]
        output = text_table(*(["feed"] if has_feeds else []), "from (UTC)", "to (UTC)", *names, "changes")
        for version in self.versions:
            feed = [version["feed"]] if has_feeds else []
            if version["is_return"]:
                output.add_row(*feed, Text("deleted", style="dim"))
            cells = [_cell(version["values"][name], is_new=name in version["changed"]) for name in names]
            output.add_row(*feed, *_validity(version), *cells, Text(_changes(version), "dim"))
        title = f"{self.table} {self.key}: {pluralize(len(self.versions), 'version')}"
        console.print(title, style="bold")
        console.print(output)

    def to_json(self) -> dict[str, Any]:
        """Return the table, the key and one object per version."""
        return {"table": self.table, "key": self.key_column, "value": self.key, "versions": self.versions}


def is_versioned(table: Table[...]) -> bool:
    """Whether a table keeps versions: whether it has the columns of SCD type 2."""
    return {column.name for column in VALIDITY} <= {column.name for column in table.columns}


def compare_versions(table: Table[...], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one object per version: its validity, its values, the columns that changed, and `is_return`.

    `is_return` says that the key was deleted before and exists again.
    """
    technical = {*table.key, *(column.name for column in VALIDITY)}
    versions: list[dict[str, Any]] = []
    for row in rows:
        values = {name: value for name, value in row.items() if name not in technical}
        last = versions[-1] if versions and versions[-1]["feed"] == row["feed"] else None
        changed = [name for name in values if last is not None and values[name] != last["values"][name]]
        is_return = last is not None and last["valid_to"] != row["valid_from"]
        validity = {name: row[name] for name in ("feed", "valid_from", "valid_to", "is_current")}
        versions.append(validity | {"is_return": is_return, "changed": changed, "values": values})
    return versions


def _similar_keys(lake: Lake, table: Table[...], key: str) -> list[str]:
    """Return keys that contain `key`, or else any."""
    column = table.key[1]
    keys = lake.table(table.qualified_name).select(column).distinct().orderBy(column)
    similar = keys.where(F.col(column).contains(key)).limit(MAX_SUGGESTIONS).to_arrow().to_pylist()
    rows = similar or keys.limit(MAX_SUGGESTIONS).to_arrow().to_pylist()
    return [row[column] for row in rows]


def _validity(version: dict[str, Any]) -> tuple[str, str]:
    until = "now" if version["is_current"] else _timestamp(version["valid_to"])
    return _timestamp(version["valid_from"]), until


def _changes(version: dict[str, Any]) -> str:
    return ", ".join(version["changed"]) or ("exists again" if version["is_return"] else "first version")


def _cell(value: object, *, is_new: bool) -> Text:
    return Text("∅" if value is None else str(value), style="bold yellow" if is_new else "dim" if value is None else "")


def _timestamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")
