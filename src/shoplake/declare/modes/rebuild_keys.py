"""Keys by which a table is recomputed: the rows of a key are made of the input rows of that key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shoplake.declare.modes.mode import check_column
from shoplake.errors import DeclarationError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.declare.table import Table


@dataclass(frozen=True)
class KeyFinder:
    """Finds the keys that changed rows of a lookup belong to.

    `find` takes the changed rows of the lookup, with the `columns`, and all rows of the inputs named in `reads`. It
    returns the key's columns; keys whose rows turn out to be as before are allowed.
    """

    columns: tuple[str, ...]
    find: Callable[..., DataFrame]
    reads: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return the declaration without the address of the function."""
        return f"KeyFinder(columns={self.columns}, find={self.find.__qualname__}, reads={self.reads})"


@dataclass(frozen=True)
class RebuildKeys:
    """Which rows of a table a changed input row concerns: those of its key.

    `columns` are those of the table. `inputs` has, for each input that has the key, its columns in the same order: only
    rows of the changed keys are read of it. `finders` find the keys for changes of other inputs. A change of an input
    that is in neither recomputes all rows. A row without a key (null) belongs to no row of the table.
    """

    columns: tuple[str, ...]
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    finders: Mapping[str, KeyFinder] = field(default_factory=dict, hash=False)

    def validate(self, table: Table[...]) -> None:
        """Raise DeclarationError for a column or an input that the table does not have."""
        where, names = table.qualified_name, {column.name for column in table.columns}
        if unknown := [name for name in self.columns if name not in names]:
            raise DeclarationError(f"{where} is rebuilt by keys and has no column '{unknown[0]}'.")
        for name in (*self.inputs, *self.finders, *(read for each in self.finders.values() for read in each.reads)):
            if name not in table.inputs:
                raise DeclarationError(f"{where} is rebuilt by keys of '{name}', which it does not read.")
        for name, columns in self.inputs.items():
            if len(columns) != len(self.columns):
                raise DeclarationError(
                    f"{where} is rebuilt by {len(self.columns)} columns; '{name}' has another number."
                )

    def validate_inputs(self, table: Table[...], inputs: Mapping[str, Table[...]]) -> None:
        """Raise DeclarationError for a column that an input does not have, or that has other values than the key."""
        for name, columns in self.inputs.items():
            for column, key in zip(columns, self.columns, strict=True):
                check_column(table, inputs[name], column)
                of, stored = inputs[name].column(column), table.column(key)
                if of is not None and stored is not None and _values(of.type) != _values(stored.type):
                    raise DeclarationError(
                        f"{table.qualified_name} is rebuilt by the key '{key}', a {stored.type}, and the column "
                        f"'{column}' of {inputs[name].qualified_name} is a {of.type}: rows of one key have two values. "
                        "Declare both with one type, and leave the values as they are in the input."
                    )


def _values(type: str) -> str:
    """Return the kind of values of a type: integers of any size are equal, and decimals of one scale."""
    if type in ("tinyint", "smallint", "int", "bigint"):
        return "integer"
    return f"decimal scale {type.rpartition(',')[2].strip()}" if type.startswith("decimal(") else type
