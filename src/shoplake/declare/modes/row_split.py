"""How a table whose rows take much memory is computed in parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shoplake.errors import DeclarationError, hint

if TYPE_CHECKING:
    from shoplake.declare.table import Table


@dataclass(frozen=True)
class RowSplit:
    """Parts of a table by the hash of its column `by`, which are computed one after the other.

    The column is one of the key, and never null. So many parts are made that the rows of the largest input in each fit
    into memory, where a row needs `bytes_per_row` of it. With `of`, the largest of these inputs: each part reads all
    others whole, such as the products of a shop that has more of them than orders.
    """

    by: str
    bytes_per_row: int = field(repr=False)
    of: tuple[str, ...] = field(default=(), repr=False)
    """This and `bytes_per_row` are in no definition of a table: how many parts it has changes none of its rows."""

    def validate(self, table: Table[...]) -> None:
        """Raise DeclarationError for a column that is not in the key, and for an input that the table does not read."""
        if self.by not in table.key:
            raise DeclarationError(
                f"{table.qualified_name} is split by '{self.by}', which is not in its key. Split it by one of "
                f"{', '.join(table.key)}."
            )
        for name in self.of:
            if name not in table.inputs:
                raise DeclarationError(
                    f"{table.qualified_name} is split by the rows of '{name}', which it does not read. "
                    f"{hint(name, table.inputs)}"
                )
