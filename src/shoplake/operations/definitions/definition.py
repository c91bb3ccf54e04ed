"""The definition of a table as it was when its rows were built: what `ops.definitions` records and compares."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shoplake.declare import Column, Table

JSON_FIELDS = (
    "columns",
    "change_columns",
    "key",
    "partition_by",
    "rules",
    "plan_hash",
    "source",
    "inputs",
    "settings",
    "versions",
)


@dataclass(frozen=True)
class Definition:
    """One table's declaration, the hashes of its logic, and the settings and versions that its rows depend on.

    `columns` and `change_columns` are `[name, type, meaning]`, `rules` are name → `[condition, action]`. `plan_hash` is
    by feed (`""` for a table that no feed's settings reach), `code_hash` of the functions that the plan carries by
    reference, `source` of each function and constant reached. `inputs` has, for each table that it reads, a hash of its
    key, partitions and write mode and of those of all tables upstream of it.
    """

    table: str
    columns: tuple[tuple[str, str, str], ...]
    key: tuple[str, ...]
    write: str
    partition_by: tuple[str, ...]
    doc: str = ""
    change_columns: tuple[tuple[str, str, str], ...] = ()
    rules: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    plan_hash: Mapping[str, str] = field(default_factory=dict)
    code_hash: str = ""
    source: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def to_row(self) -> dict[str, str]:
        """Return the definition as a row of `ops.definitions`; what is not a text is JSON."""
        row = {each.name: getattr(self, each.name) for each in fields(self)}
        return row | {name: json.dumps(row[name], sort_keys=True) for name in JSON_FIELDS}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Definition:
        """Return the definition in a row of `ops.definitions`."""
        values = {each.name: row[each.name] for each in fields(cls)}
        return cls(**values | {name: _frozen(json.loads(row[name])) for name in JSON_FIELDS})


def declared_definition(table: Table[...], inputs: Mapping[str, str]) -> Definition:
    """Return what a table's declaration says; without the hashes of its logic."""
    return Definition(
        table=table.qualified_name,
        columns=_columns(table.columns),
        key=table.key,
        write=describe_mode(table.write),
        partition_by=table.partition_by,
        doc=table.summary,
        change_columns=_columns(table.change_columns),
        rules={each.name: (each.condition, each.on_violation.value) for each in table.expectations},
        inputs=inputs,
    )


def with_logic_of(declared: Definition, known: Definition) -> Definition:
    """Return a declaration with the hashes of another definition's logic, and with its settings and versions."""
    return replace(
        declared,
        plan_hash=known.plan_hash,
        code_hash=known.code_hash,
        source=known.source,
        settings=known.settings,
        versions=known.versions,
    )


def shape_hash(definition: Definition) -> str:
    """Return the hash of a table's key, partitions and write mode, and of those of all tables upstream."""
    shape = [definition.key, definition.write, definition.partition_by, sorted(definition.inputs.items())]
    return hashlib.sha256(json.dumps(shape).encode()).hexdigest()[:16]


def describe_mode(mode: object) -> str:
    """Return a write mode as text, without what has its default: a mode may get further fields.

    What changes no row of a table, such as the memory that it needs, is declared with `repr=False`, and is left out.
    """
    shown = [each for each in fields(mode) if each.repr and not _is_default(each, mode)]  # type: ignore[arg-type]
    given = {each.name: getattr(mode, each.name) for each in shown}
    return f"{type(mode).__name__}({', '.join(f'{name}={value!r}' for name, value in given.items())})"


def _is_default(declared: Field[Any], mode: object) -> bool:
    factory = declared.default_factory
    return bool(getattr(mode, declared.name) == (declared.default if factory is MISSING else factory()))


def _columns(columns: tuple[Column, ...]) -> tuple[tuple[str, str, str], ...]:
    return tuple((each.name, each.type, each.meaning) for each in columns)


def _frozen(value: Any) -> Any:
    """JSON lists as tuples, at every depth."""
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    return {name: _frozen(each) for name, each in value.items()} if isinstance(value, dict) else value
