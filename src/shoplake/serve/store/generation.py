"""What readers of the store see: the tables of one finished run."""

from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import pyarrow as pa

from shoplake.declare import Table


class Generation(Protocol):
    """The table versions of one finished run. It never changes; a later run makes another generation."""

    @property
    def id(self) -> str:
        """A short hash of the versions; equal ids give equal answers."""

    @property
    def versions(self) -> Mapping[str, int]:
        """Table name, as `gold.sales_daily`, to its Delta version."""

    @property
    def as_of(self) -> datetime:
        """When the run started (UTC): files that arrived later are not in it."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """Rows of a read-only DuckDB query with bound `?` parameters; tables go by their full names."""

    def document(self, table: str, key: tuple[str, ...]) -> Awaitable[bytes | None]:
        """One row of a look-up table as a JSON document, or None where no row has the key."""

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> pa.RecordBatchReader:
        """Return the rows of such a query, batch by batch, however many there are."""

    @property
    def tables(self) -> Mapping[str, Table[...]]:
        """The declarations of its tables by full name, with the columns that are visible in it."""


class Store(Protocol):
    """Gives out the newest generation; whoever holds one keeps reading it."""

    def current(self, *, with_personal: bool) -> Generation | None:
        """Return the newest generation, with or without personal columns; None where none was built yet."""
