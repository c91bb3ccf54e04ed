"""What must be true of a row, said in SQL so that every engine, page and API can read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What becomes of a row for which an expectation does not hold."""

    WARN = "warn"  # kept, and counted
    QUARANTINE = "quarantine"  # set aside with the reason, out of the table


@dataclass(frozen=True)
class Expectation:
    """A row is good only if `holds` is true; false and null both break it."""

    name: str
    condition: str
    on_violation: Action = Action.QUARANTINE


def expect(name: str, holds: str) -> Expectation:
    """Set a row aside unless `holds` is true for it."""
    return Expectation(name, holds)


def warn(name: str, holds: str) -> Expectation:
    """Count the rows for which `holds` is not true, and keep them."""
    return Expectation(name, holds, Action.WARN)


def one_of(column: str, *allowed: str) -> Expectation:
    """Expect `column` to be one of the words in `allowed`."""
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
    """Expect `column` to be what a change feed does to a row (insert, update, delete), or to be null."""
    return Expectation(f"{column}_known", f"{column} IS NULL OR {column} IN ('insert', 'update', 'delete')")
