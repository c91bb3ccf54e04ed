"""Gates of a table: what must be true of all its rows, and not of each row alone.

A gate warns, or with `stop` decides before a commit: a write that does not pass it leaves the table as it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from shoplake.errors import DeclarationError

UNITS = {"minutes": 60, "hours": 3600, "days": 86400}


@dataclass(frozen=True)
class Unique:
    """No two rows have the same values of `columns`; rows with a null among them are not compared."""

    columns: tuple[str, ...]
    stop: bool = False
    kind: ClassVar = "unique"

    @property
    def used_columns(self) -> tuple[str, ...]:
        """The columns of the table that it reads."""
        return self.columns

    @property
    def name(self) -> str:
        """The gate's name, e.g. `unique_order_id_line_number`."""
        return f"unique_{'_'.join(self.columns)}"


@dataclass(frozen=True)
class References:
    """The values of `column` are in the column `key` of the table `to`, but for the share `missing_at_most`.

    Rows younger than `settles_s` seconds, by `at`, are left out: dimensions may arrive later. Null refers to nothing.
    """

    column: str
    to: str
    key: str
    missing_at_most: float
    at: str | None
    settles_s: int
    stop: bool = False
    kind: ClassVar = "references"

    @property
    def used_columns(self) -> tuple[str, ...]:
        """The columns of the table that it reads."""
        return (self.column, *([self.at] if self.at else []))

    @property
    def name(self) -> str:
        """The gate's name, e.g. `product_id_in_products`."""
        return f"{self.column}_in_{self.to.rpartition('.')[2]}"


@dataclass(frozen=True)
class Fresh:
    """The newest value of the time `column` is at most `within_s` seconds old, in every feed; never stops a write."""

    column: str
    within_s: int
    stop: ClassVar = False
    kind: ClassVar = "fresh"

    @property
    def used_columns(self) -> tuple[str, ...]:
        """The columns of the table that it reads."""
        return (self.column,)

    @property
    def name(self) -> str:
        """The gate's name, e.g. `fresh_event_at`."""
        return f"fresh_{self.column}"


@dataclass(frozen=True)
class LikeHistory:
    """A measure of each closed day of `by` is like that of the weeks before.

    The measure is the number of rows, or the share of nulls of `column`, or the share of each value of it: `rows`,
    `nulls` or `shares`. Less than `change`, as a ratio to what was expected, is never an anomaly.
    """

    measure: str
    by: str
    column: str | None
    change: float
    stop: bool = False
    kind: ClassVar = "history"

    @property
    def used_columns(self) -> tuple[str, ...]:
        """The columns of the table that it reads."""
        return (self.by, *([self.column] if self.column else []))

    @property
    def name(self) -> str:
        """The gate's name, e.g. `rows_like_history` or `nulls_of_customer_id_like_history`."""
        return f"{self.measure}_of_{self.column}_like_history" if self.column else f"{self.measure}_like_history"


@dataclass(frozen=True)
class Agrees:
    """The number that the query `actual` returns is that of the query `expected`.

    They may differ by `cents_per_row` hundredths for each row of the table, as each may have been rounded.
    """

    name: str
    actual: str
    expected: str
    cents_per_row: int = 0
    stop: bool = False
    kind: ClassVar = "agrees"
    used_columns: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True)
class ErrorBudget:
    """The share `valid` of the rows read in the last `over_s` seconds passes all rules.

    For the same share of that time the last write of the table is at most `fresh_s` seconds ago; without `fresh_s`
    time is not counted. The rest is the budget. A budget that is spent warns; it never stops a write.
    """

    valid: float
    fresh_s: int | None
    over_s: int
    name: ClassVar = "error_budget"
    stop: ClassVar = False
    kind: ClassVar = "budget"
    used_columns: ClassVar[tuple[str, ...]] = ()

    @property
    def allowed(self) -> float:
        """The share of rows, and of the time, that may be bad."""
        return 1 - self.valid


Gate = Unique | References | Fresh | LikeHistory | Agrees | ErrorBudget


def unique(*columns: str, stop: bool = False) -> Unique:
    """Expect that no two rows have the same values of `columns`. Raises DeclarationError without any."""
    if not columns:
        raise DeclarationError("unique() names no column. Write one such as unique('feed', 'order_id').")
    return Unique(columns, stop)


def references(
    column: str,
    to: str,
    *,
    key: str | None = None,
    missing_at_most: float = 0.0,
    at: str | None = None,
    settles: str = "",
    stop: bool = False,
) -> References:
    """Expect that the values of `column` are in the column `key` (by default of the same name) of the table `to`.

    `settles`, such as "7 days", leaves out rows whose time `at` is younger than that. A reference never quarantines.
    With `stop` the references among the rows of a write decide before its commit.
    """
    if bool(settles) != bool(at):
        raise DeclarationError(
            f"references('{column}'): settles= needs the time of a row, at=, and the other way round."
        )
    return References(column, to, key or column, missing_at_most, at, seconds(settles) if settles else 0, stop)


def fresh(column: str, *, within: str) -> Fresh:
    """Expect that the newest time in `column` is no older than `within`, such as "26 hours"."""
    return Fresh(column, seconds(within))


def rows_like_history(by: str, *, change: float = 0.2, stop: bool = False) -> LikeHistory:
    """Expect as many rows a day of the date `by` as the weeks before make likely."""
    return LikeHistory("rows", by, None, change, stop)


def nulls_like_history(column: str, *, by: str, change: float = 0.2, stop: bool = False) -> LikeHistory:
    """Expect the share of nulls of `column` a day to be as in the weeks before."""
    return LikeHistory("nulls", by, column, change, stop)


def shares_like_history(column: str, *, by: str, change: float = 0.2, stop: bool = False) -> LikeHistory:
    """Expect the share of each value of `column` a day to be as in the weeks before."""
    return LikeHistory("shares", by, column, change, stop)


def agrees(name: str, actual: str, expected: str, *, cents_per_row: int = 0, stop: bool = False) -> Agrees:
    """Expect the two queries, each with one number as its result, to agree; they name tables as `layer.name`.

    `verify` and `check` compare them, and a run where the gate stops.
    """
    return Agrees(name, actual, expected, cents_per_row, stop)


def slo(*, valid: float = 0.99, fresh: str = "", over: str = "28 days") -> ErrorBudget:
    """Declare an error budget, e.g. `slo(valid=0.995, fresh="26 hours", over="28 days")`, as one of a table's gates.

    Raises DeclarationError for a share that leaves no budget or needs none, and for a text that is no duration.
    """
    if not 0 < valid < 1:
        raise DeclarationError(f"slo(valid={valid:g}) leaves no budget. Write a share between 0 and 1, such as 0.995.")
    budget = ErrorBudget(valid, seconds(fresh) if fresh else None, seconds(over))
    if budget.over_s < UNITS["days"] or (budget.fresh_s or 0) >= budget.over_s:
        raise DeclarationError(f"slo(over='{over}') is too short. Write at least '1 day', and more than fresh=.")
    return budget


def seconds(duration: str) -> int:
    """Return the seconds of a duration such as "26 hours", "7 days" or "90 minutes".

    Raises DeclarationError for any other text.
    """
    match = re.fullmatch(r"(\d+) (minute|hour|day)s?", duration.strip())
    if match is None:
        raise DeclarationError(
            f"'{duration}' is not a duration. Write one such as '90 minutes', '26 hours' or '7 days'."
        )
    return int(timedelta(seconds=int(match[1]) * UNITS[f"{match[2]}s"]).total_seconds())
