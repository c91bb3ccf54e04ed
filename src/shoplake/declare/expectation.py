"""Row expectations in SQL, readable by every engine, page and API."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shoplake.errors import DeclarationError
from shoplake.sql_text import sql_literal


class Action(StrEnum):
    """The action for a row that violates an expectation."""

    WARN = "warn"  # counted, stays in the table
    QUARANTINE = "quarantine"  # moved to the quarantine table with its reasons


AT_LEAST = 200
"""A write of fewer rows is not stopped: one bad row of one says little."""


@dataclass(frozen=True)
class Expectation:
    """A condition that every valid row satisfies; false and null both violate it.

    Where more than the share `stop_above` of the rows of a write violate it, and the write has `at_least` rows, the
    write is stopped before its commit. Up to the share `warn_above` a rule that warns says nothing.

    Raises DeclarationError for a share that is not between 0 and 1.
    """

    name: str
    condition: str
    on_violation: Action = Action.QUARANTINE
    stop_above: float | None = None
    at_least: int = AT_LEAST
    warn_above: float = 0.0

    def __post_init__(self) -> None:
        for option in ("stop_above", "warn_above"):
            share = getattr(self, option)
            if share is not None and not 0 <= share < 1:
                raise DeclarationError(f"{option}={share!r} of the rule '{self.name}' is no share. Use 0 to 0.99.")

    def stops(self, rows_read: int, rows_violating: int) -> bool:
        """Whether so many violations among so many rows stop a write."""
        if self.stop_above is None or rows_read < self.at_least:
            return False
        return rows_violating > self.stop_above * rows_read


def expect(name: str, condition: str, *, stop_above: float | None = None, at_least: int = AT_LEAST) -> Expectation:
    """Quarantine rows unless `condition` is true.

    More than the share `stop_above` of them, in a write of `at_least` rows, stops the write: readers keep the rows that
    they have, and tables made from this one are not built.
    """
    return Expectation(name, condition, stop_above=stop_above, at_least=at_least)


def warn(
    name: str,
    condition: str,
    *,
    warn_above: float = 0.0,
    stop_above: float | None = None,
    at_least: int = AT_LEAST,
) -> Expectation:
    """Count rows for which `condition` is not true; they stay in the table.

    More than the share `warn_above` of a write is a warning; `stop_above` and `at_least` are those of `expect`.
    """
    return Expectation(name, condition, Action.WARN, stop_above, at_least, warn_above)


def one_of(column: str, *allowed: str) -> Expectation:
    """Expect `column` to be one of the texts in `allowed`."""
    words = ", ".join(map(sql_literal, allowed))
    return Expectation(f"{column}_known", f"{column} IN ({words})")


def not_negative(column: str) -> Expectation:
    """Expect `column` to be 0, more, or null."""
    return Expectation(f"{column}_not_negative", f"{column} IS NULL OR {column} >= 0")


def plausible_time(column: str) -> Expectation:
    """Expect the timestamp `column` to lie in the years 1990 to 2099, or to be null."""
    years = f"{column} >= TIMESTAMP '1990-01-01 00:00:00' AND {column} < TIMESTAMP '2100-01-01 00:00:00'"
    return Expectation(f"{column}_plausible", f"{column} IS NULL OR ({years})")


def email(column: str) -> Expectation:
    """Expect `column` to look like an e-mail address (one `@`, a dot in the domain, no white space), or to be null."""
    shape = r"^[^@\\s]+@[^@\\s]+[.][^@\\s.]+\\z"
    return Expectation(f"{column}_is_email", f"{column} IS NULL OR {column} RLIKE '{shape}'")


def all_digits(column: str) -> Expectation:
    """Expect the identifier `column` not to be rounded as spreadsheets round long numbers (`8.9E+12`), or to be null.

    Different identifiers become one so.
    """
    rounded = r"^[0-9]{1}([.,][0-9]+)?[Ee][+][0-9]+\\z"  # no `](`, which is a link in Markdown
    return Expectation(f"{column}_has_all_digits", f"{column} IS NULL OR NOT {column} RLIKE '{rounded}'")


def currency_code() -> Expectation:
    """Count rows whose `currency` is no code of three letters, such as a sign or a name: no rate converts them."""
    return warn("currency_is_code", r"currency IS NULL OR currency RLIKE '^[A-Z][A-Z][A-Z]\\z'")


def operation(column: str) -> Expectation:
    """Expect `column` to be a change operation (insert, update, delete) or null."""
    return Expectation(f"{column}_known", f"{column} IS NULL OR {column} IN ('insert', 'update', 'delete')")
