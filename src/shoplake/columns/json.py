"""JSON by RFC 8259, parsed the same on every engine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, StringType

from shoplake.columns.schema import data_type, struct_type

STRICT_OPTIONS = {"allowSingleQuotes": "false", "allowNonNumericNumbers": "false"}
"""No `{'a': 1}` and no NaN: Spark accepts both by default, Sail neither."""
ESCAPED_BACKSLASH = r"\\\\"
LONE_SURROGATE = r"\\u[dD][89a-fA-F]"
TEXTS = ArrayType(StringType())
META = re.compile(r"[.^$*+?()\[\]{}|\\]")
"""What a regular expression does not take for itself."""
PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"


def parse_json(text: Column | str, fields: str) -> Column:
    """Parse the JSON object in `text` to a struct of `fields` (DDL); all null where it is no object."""
    return F.from_json(text, _struct_schema(fields), STRICT_OPTIONS)


def parse_written(text: str, type: str) -> Column:
    """Parse JSON that an engine has written to a `type` such as `map<string,string>`."""
    return F.from_json(text, json_schema(data_type(type)))


def json_schema(type: DataType) -> Column:
    """Return a type for `from_json` as JSON.

    Sail reads the schema anew each time it asks the expression for its type, which it does some hundred times while it
    plans: for an order's DDL this takes ten times as long as for its JSON.
    """
    return F.lit(type.json())


def _struct_schema(fields: str) -> Column:
    """Return the schema of DDL: its JSON, or the DDL itself where it has types that shoplake does not use."""
    try:
        return json_schema(struct_type(fields))
    except ValueError:
        return F.lit(fields)


def is_one_value(text: str) -> Column:
    """Whether the JSON in the column `text` ends with its first value.

    Sail's reader rejects trailing text itself, so that the condition folds to a constant there and costs nothing.
    """
    return F.when(_ignores_trailing_text(), _is_single_value(text)).otherwise(True)


def quoted_name(name: str) -> str:
    """Return a field's name as DDL and the path of a column have it: in backticks if it is no plain one."""
    return name if name.isidentifier() else f"`{name}`"


def unquoted_name(field: str) -> str:
    """Return the name of a field of DDL, which may be in backticks."""
    return field.split("`")[1] if field.startswith("`") else field.split()[0]


def names_pattern(names: Sequence[str]) -> str:
    """Return a regular expression of any of the names, as Java and Rust read it."""
    return "|".join(META.sub(r"\\\g<0>", name) for name in names)


def key_as_json(names: Sequence[str]) -> Column:
    """Return a JSON object of text, one field for each of the columns.

    Null where one of them is null, or there is none.
    """
    if not names:
        return F.lit(None).cast("string")
    is_known = reduce(lambda one, other: one & other, [F.col(name).isNotNull() for name in names])
    return F.when(is_known, F.to_json(F.struct(*[F.col(name).cast("string").alias(name) for name in names])))


def _ignores_trailing_text() -> Column:
    """Whether the engine's reader, like Spark's, ignores text after the first value."""
    return F.from_json(F.lit('{"a":1} b'), json_schema(struct_type("a string"))).a.isNotNull()


def _is_single_value(text: str) -> Column:
    """Whether the text is one value: as an array element, and where a `]` could end the array, as a field.

    A lone surrogate is invalid too: Spark reads it as `?`.
    """
    elements = F.from_json(F.concat(F.lit("["), text, F.lit("]")), json_schema(TEXTS), STRICT_OPTIONS)
    field = parse_json(F.concat(F.lit('{"value":'), text, F.lit("}")), "value string")
    is_alone = F.coalesce(F.size(elements) == 1, F.lit(False))
    may_end = F.col(text).rlike(r"\}\s*\]")
    escapes = F.regexp_replace(F.regexp_replace(text, ESCAPED_BACKSLASH, ""), PAIR, "")
    is_paired = ~escapes.rlike(LONE_SURROGATE)
    return is_alone & F.when(may_end, field.value.isNotNull()).otherwise(True) & is_paired
