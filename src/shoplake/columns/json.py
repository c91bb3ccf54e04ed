"""JSON as RFC 8259 has it, the same on every engine."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

STRICTLY = {"allowSingleQuotes": "false", "allowNonNumericNumbers": "false"}
"""No `{'a': 1}` and no NaN: Spark takes both unless told otherwise, Sail neither."""
LONE_SURROGATE = r"\\u[dD][89a-fA-F]"
PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"


def parsed_json(text: Column | str, fields: str) -> Column:
    """The JSON object in `text` as a struct of `fields`; all null where it is none."""
    return F.from_json(text, fields, STRICTLY)


def is_one_value(text: str) -> Column:
    """Whether the JSON in the column `text` ends with its first value.

    Sail's reader sees to that itself, so that there the answer is known before a row is read and costs nothing.
    """
    return F.when(_reads_no_further(), _stands_alone(text)).otherwise(True)


def _reads_no_further() -> Column:
    """Whether the engine's reader, like Spark's, is content with the first value, whatever follows."""
    return F.from_json(F.lit('{"a":1} b'), "a string").a.isNotNull()


def _stands_alone(text: str) -> Column:
    """Whether the text is one value: as an element of an array, and where a `]` could end that, as a field.

    Half a surrogate pair is no text either: Spark reads it as `?`.
    """
    elements = F.from_json(F.concat(F.lit("["), text, F.lit("]")), "array<string>", STRICTLY)
    field = parsed_json(F.concat(F.lit('{"value":'), text, F.lit("}")), "value string")
    is_alone = F.coalesce(F.size(elements) == 1, F.lit(False))
    may_end = F.col(text).rlike(r"\}\s*\]")
    is_paired = ~F.regexp_replace(text, PAIR, "").rlike(LONE_SURROGATE)
    return is_alone & F.when(may_end, field.value.isNotNull()).otherwise(True) & is_paired
