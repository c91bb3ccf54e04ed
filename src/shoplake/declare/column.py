"""One column of a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column: name, Spark SQL type, description and unit."""

    name: str
    type: str
    doc: str
    unit: str | None = None
    required: bool = False
    was: str | None = None
    """Its former name, which tells a renamed column from a dropped and an added one."""
    personal: str | None = None
    """The kind of personal data in it, e.g. `email`: masked in messages, not in the log; None if there is none."""

    @property
    def meaning(self) -> str:
        """Description with unit, e.g. `Paid (EUR)`."""
        return f"{self.doc} ({self.unit})" if self.unit else self.doc

    @property
    def ddl(self) -> str:
        """This column as Spark SQL, e.g. `amount DECIMAL(18,2) COMMENT 'Paid (EUR)'`."""
        null = " NOT NULL" if self.required else ""
        type = self.type if "<" in self.type else self.type.upper()  # names within keep their case
        return f"{self.name} {type}{null} COMMENT '{self.meaning.replace(chr(39), chr(39) * 2)}'"


def col(
    name: str,
    type: str,
    doc: str,
    *,
    unit: str | None = None,
    required: bool = False,
    was: str | None = None,
    personal: str | None = None,
) -> Column:
    """Declare a column. A row with a null in a `required` column violates the expectation `<name>_present`.

    `was` is the former name of a renamed column. `personal` names the kind of personal data in the column; its values
    are masked in messages and kept out of the statistics in the table's log.
    """
    return Column(name, type, doc, unit, required, was, personal)


VALIDITY = (
    col("valid_from", "timestamp", "The first moment this version was true", unit="UTC"),
    col("valid_to", "timestamp", "The first moment it no longer was; null while it is", unit="UTC"),
    col("is_current", "boolean", "Whether it is true now"),
    col("valid_to_month", "date", "The first day of the month of `valid_to` (UTC); null while it is true"),
)
