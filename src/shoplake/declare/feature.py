"""A feature as a value: an aggregate of one table's rows before an as-of day, per customer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from shoplake.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import Column

    Values = Callable[[str | Column], Column]
    """Returns a column, or an expression, of the rows in the feature's window; null elsewhere."""

Reduction = Literal["max", "sum"]
NAME = re.compile(r"[a-z][a-z0-9_]*")
TYPES = re.compile(r"int|bigint|double|decimal\(\d+,\d+\)")


@dataclass(frozen=True)
class Feature:
    """A declared feature. Calling it with the values of the window returns the aggregate.

    `window` is the number of local days before the as-of day whose rows count; None means all earlier rows. `source` is
    a table with `feed`, `customer_id`, `ingested_at` and the time column `at`; rows without a customer, or for which
    `where` is not true, do not count. A customer without a row has the `default`.

    With `per_day`, the aggregate reads one row of each local day of a customer: its values are the greatest (`max`) or
    the sum (`sum`) of that day. Days are then counted without a set of them for each customer.
    """

    aggregate: Callable[[Values], Column]
    name: str
    dtype: str
    window: int | None
    source: str
    at: str
    default: float
    meaning: str
    unit: str
    where: str = "true"
    per_day: Reduction | None = None

    def __call__(self, values: Values) -> Column:
        """Return the aggregate of the rows in the window."""
        return self.aggregate(values)


def feature(
    name: str,
    dtype: str,
    window: int | None,
    source: str,
    at: str,
    default: float,
    meaning: str,
    unit: str,
    *,
    where: str = "true",
    per_day: Reduction | None = None,
) -> Callable[[Callable[[Values], Column]], Feature]:
    """Declare that the function below aggregates the rows of a table to a feature of a customer.

    >>> @feature("orders_30d", "bigint", 30, "silver.order_lines", "ordered_at", 0, "Orders in 30 days", "orders")
    ... def orders_30d(values):
    ...     return count_distinct(values("order_id"))

    `shoplake.columns.distinct.count_distinct` counts texts of many customers within their memory. `values(column)` is
    the column in rows of the window and null elsewhere. `as_of_date`, and `local_date`, the shop's local day of `at`,
    are there too. With `per_day="max"` or `"sum"` each local day has one value, its greatest or its sum: then
    `F.count(values("local_date"))` counts days. Raises DeclarationError for a name, type or window that cannot be.
    """
    if not NAME.fullmatch(name):
        raise DeclarationError(f"The feature '{name}' needs a name of small letters, digits and _.")
    if not TYPES.fullmatch(dtype):
        raise DeclarationError(f"The feature '{name}' is no number: '{dtype}'. Use int, bigint, double or decimal.")
    if window is not None and window < 1:
        raise DeclarationError(f"The feature '{name}' has a window of {window} days. Use 1 or more, or None for all.")
    if per_day not in (None, "max", "sum"):
        raise DeclarationError(f"The feature '{name}' has per_day='{per_day}'. Use max, sum or None.")
    if not meaning or not unit:
        raise DeclarationError(f"The feature '{name}' needs a meaning and a unit.")

    def declare(aggregate: Callable[[Values], Column]) -> Feature:
        return Feature(aggregate, name, dtype, window, source, at, default, meaning, unit, where, per_day)

    return declare
