"""One subject: a query, its answer, and what the numbers mean."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pyarrow as pa

from shoplake.serve.answers.query.ranges import ALL, find_scope
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
    currency: str | None = None
    """The one currency of the amounts, where others are left out."""


@dataclass(frozen=True)
class Answer:
    """Rows in their order, whether a limit cut them, and where they come from."""

    rows: pa.Table
    meta: Meta
    is_truncated: bool = False

    def where(self, is_kept: Callable[[dict[str, Any]], Any]) -> "Answer":
        """Return an answer with those of its rows that are kept."""
        kept = pa.array([bool(is_kept(row)) for row in self.rows.to_pylist()], pa.bool_())
        return replace(self, rows=self.rows.filter(kept))


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

    def ask(self, generation: Generation, query: Any) -> Answer:
        """Return the answer; where its amounts are of one currency, chosen or by default, `meta` says of which."""
        answer = self.answer(generation, query)
        has_one = getattr(query, "currency", ALL) != ALL
        if not has_one or getattr(query, "by", None) == "currency":
            return answer
        currency = find_scope(generation, query.feed, query.currency).currency
        return replace(answer, meta=replace(answer.meta, currency=currency))
