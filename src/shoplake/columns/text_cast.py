"""Casts of texts that give the same on every engine: null where a text does not fit the type.

The stricter engine wins. What Spark alone accepts is checked on Spark alone, by a condition that detects what its casts
do: it is constant, and each engine folds it before it reads rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.schema import DECIMAL

if TYPE_CHECKING:
    from pyspark.sql import Column

CONTROL = r"\x00-\x08\x0e-\x1f\x7f"
"""Control characters that are no white space; Spark takes them for such."""
SPARK_ACCEPTS = {"int": rf"[{CONTROL}\x0b]", "bigint": rf"[{CONTROL}\x0b]", "double": rf"[{CONTROL}\x0b]|[0-9.][dDfF]"}
SPARK_ACCEPTS |= {"date": rf"^\s|[{CONTROL}\x0b]", "boolean": f"[{CONTROL}]", "decimal": f"[{CONTROL}eE]"}
"""By type, what a text does not have that fits; white space before a date, and an exponent where Sail has none."""
EXPONENT = r"^[+-]?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+\z"
AMBIGUOUS_ZONES = r"(?:A[CEGRS]T|B[ES]T|C[NT]T|ECT|I[ES]T|MIT|N[ES]T|P[LNR]T|SST|VST)\s*\z"
"""Names of Java that mean several zones: BST is the time of Dhaka there, AST that of Anchorage and not of Halifax."""
MORE_DIGITS = 4
"""What the double of a number with an exponent is rounded to beyond its type's scale, before it is rounded to that."""


def cast_text(text: Column, type: str) -> Column:
    """Cast a text to a simple SQL type; null where it does not fit.

    White space around is allowed, but not before a date. A decimal may have an exponent, as in `1e-05`.
    """
    plain = F.when(_fits_all(text, type), text.try_cast(type))
    if type in ("boolean", "timestamp"):
        return F.when(is_ascii(text), plain)
    match = DECIMAL.fullmatch(type)
    if match is None:
        return plain
    finer = f"decimal(38,{int(match[2]) + MORE_DIGITS})"
    with_exponent = F.when(text.rlike(EXPONENT), text.try_cast("double").try_cast(finer).try_cast(type))
    return F.when(is_ascii(text), F.coalesce(plain, with_exponent))


def is_ascii(text: Column) -> Column:
    """Whether a text is ASCII; engines disagree on other digits and white space."""
    return F.octet_length(text) == F.length(text)


def has_ambiguous_zone(text: Column) -> Column:
    """Whether a time ends with an abbreviation that engines take for one zone, and other people for another."""
    return text.rlike(AMBIGUOUS_ZONES)


def _fits_all(text: Column, type: str) -> Column:
    """Whether a text has nothing that Spark's cast alone accepts."""
    accepted = SPARK_ACCEPTS.get(type.partition("(")[0])
    if accepted is None:
        return F.lit(True)
    ignores_control = F.lit("\x1f1").try_cast("int").isNotNull()
    return F.when(ignores_control, ~text.rlike(accepted)).otherwise(True)
