"""The messages of a Spark Connect plan as nodes, read once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ALIAS = "shoplake_input_"
"""Prefix of the subquery alias that stands for an input table."""
SCALARS = frozenset((str, bytes, bool, int, float))


class PlanNode:
    """A message of a plan: its kind, fields in order, the messages directly below, and the input it stands for."""

    __slots__ = ("below", "fields", "input_name", "kind")

    def __init__(self, message: Any) -> None:
        self.kind: str = message.DESCRIPTOR.name
        self.fields: dict[str, Any] = {}
        self.below: list[PlanNode] = []
        for field, value in message.ListFields():
            self.fields[field.name] = value if type(value) in SCALARS else self._read(value)
        self.input_name = _input_name(self) if self.kind == "Relation" else None

    def _read(self, value: Any) -> Any:
        """Return a message as a node, a repeated field as a list, a map as a dictionary in the order of its keys."""
        if hasattr(value, "DESCRIPTOR"):
            node = PlanNode(value)
            self.below.append(node)
            return node
        if isinstance(value, Mapping):
            return {key: self._one(value[key]) for key in sorted(value)}
        return [self._one(each) for each in value]

    def _one(self, value: Any) -> Any:
        return value if type(value) in SCALARS else self._read(value)

    def field(self, name: str) -> Any:
        """Return the value of a field; None if it is not set."""
        return self.fields.get(name)


def _input_name(node: PlanNode) -> str | None:
    """Return the table that a relation stands for, if it is an input."""
    alias = node.field("subquery_alias")
    name: str = (alias.field("alias") or "") if alias else ""
    return name.removeprefix(ALIAS) if name.startswith(ALIAS) else None
