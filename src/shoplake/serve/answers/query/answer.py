"""One subject: a query, its answer, and what the numbers mean."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from shoplake.serve.store.generation import Generation


@dataclass(frozen=True)
class Meta:
    """Where the rows of an answer come from."""

    table: str
    version: int
    as_of: datetime
    definition: str
    """The first paragraph of the table's docstring."""
    units: dict[str, str] = field(default_factory=dict)
    """Column to its unit, where it has one."""


@dataclass(frozen=True)
class Answer:
    """Rows in their order, whether a limit cut them, and where they come from."""

    rows: pa.Table
    meta: Meta
    is_truncated: bool = False


@dataclass(frozen=True)
class Subject:
    """A question that routes, pages and tools can ask by name.

    `query` is a frozen dataclass whose fields are the parameters; `is_personal` restricts it to roles that
    may see personal data. A query that `is_in_memory` has its answer without a query of tables, in no time.
    """

    name: str
    summary: str
    query: type[Any]
    answer: Callable[[Generation, Any], Answer]
    is_personal: bool = False
    is_in_memory: Callable[[Generation, Any], bool] | None = None
