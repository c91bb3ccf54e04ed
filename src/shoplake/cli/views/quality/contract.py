"""View of what of a data contract a table no longer keeps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.errors import ShoplakeError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console


def read_contract(file: Path) -> dict[str, Any]:
    """Return the contract in a JSON or YAML file. Raises ShoplakeError for another."""
    text = file.read_text(encoding="utf-8")
    try:
        found = json.loads(text)
    except ValueError:
        found = _read_yaml(text)
    if not isinstance(found, dict) or not found.get("name") or not isinstance(found.get("schema"), list):
        raise ShoplakeError(f"{file} is no contract of a table. Make one with: shoplake contract export TABLE -o FILE")
    return found


def _read_yaml(text: str) -> object:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None


@dataclass(frozen=True)
class ContractView:
    """The breaking changes of a table."""

    table: str
    changes: Sequence[str]

    def render(self, console: Console) -> None:
        """Print one change per line."""
        for change in self.changes:
            console.print(f"{self.table}: {change}", soft_wrap=True)
        if not self.changes:
            console.print(f"{self.table} keeps its contract.")

    def to_json(self) -> dict[str, Any]:
        """Return the table and the changes."""
        return {"table": self.table, "changes": list(self.changes)}
