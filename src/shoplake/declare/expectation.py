"""Row expectations in SQL, readable by every engine, page and API."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """The action for a row that violates an expectation."""

    WARN = "warn"  # counted, stays in the table
    QUARANTINE = "quarantine"  # moved to the quarantine table with its reasons


@dataclass(frozen=True)
class Expectation:
    """A condition that every valid row satisfies; false and null both violate it."""

    name: str
    condition: str
    on_violation: Action = Action.QUARANTINE


def expect(name: str, condition: str) -> Expectation:
    """Quarantine rows unless `condition` is true."""
    return Expectation(name, condition)


def warn(name: str, condition: str) -> Expectation:
    """Count rows for which `condition` is not true; they stay in the table."""
    return Expectation(name, condition, Action.WARN)


def one_of(column: str, *allowed: str) -> Expectation:
    """Expect `column` to be one of the texts in `allowed`."""
    words = ", ".join(f"'{word}'" for word in allowed)
    return Expectation(f"{column}_known", f"{column} IN ({words})")


def not_negative(column: str) -> Expectation:
    """Expect `column` to be 0, more, or null."""
    return Expectation(f"{column}_not_negative", f"{column} IS NULL OR {column} >= 0")


def plausible_time(column: str) -> Expectation:
    """Expect the timestamp `column` to lie in the years 2000 to 2099, or to be null."""
    years = f"{column} >= TIMESTAMP '2000-01-01 00:00:00' AND {column} < TIMESTAMP '2100-01-01 00:00:00'"
    return Expectation(f"{column}_plausible", f"{column} IS NULL OR ({years})")


def email(column: str) -> Expectation:
    """Expect `column` to look like an e-mail address (one `@`, a dot in the domain, no white space), or to be null."""
    shape = r"^[^@\\s]+@[^@\\s]+[.][^@\\s.]+\\z"
    return Expectation(f"{column}_is_email", f"{column} IS NULL OR {column} RLIKE '{shape}'")


def operation(column: str) -> Expectation:
    """Expect `column` to be a change operation (insert, update, delete) or null."""
    return Expectation(f"{column}_known", f"{column} IS NULL OR {column} IN ('insert', 'update', 'delete')")
