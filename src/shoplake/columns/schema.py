"""Types from their texts, parsed here: an engine's parser is a round trip for each text."""

from __future__ import annotations

import re
from functools import lru_cache

from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

CACHE_SIZE = 1_000
SIMPLE: dict[str, DataType] = {
    "string": StringType(),
    "boolean": BooleanType(),
    "int": IntegerType(),
    "bigint": LongType(),
    "float": FloatType(),
    "double": DoubleType(),
    "date": DateType(),
    "timestamp": TimestampType(),
    "binary": BinaryType(),
}
DECIMAL = re.compile(r"decimal\((\d+), ?(\d+)\)")
NESTED = re.compile(r"(array|map|struct)<(.*)>", re.DOTALL)
FIELD = re.compile(r"`?([^`:\s]+)`?[:\s]\s*(.+)", re.DOTALL)


@lru_cache(CACHE_SIZE)
def struct_type(fields: str) -> StructType:
    """Return the type of DDL such as `id string, lines array<struct<sku: string>>`; every field may be null.

    Raises ValueError for a type that shoplake does not use.
    """
    return StructType([_field(part) for part in _split(fields)])


@lru_cache(CACHE_SIZE)
def data_type(text: str) -> DataType:
    """Return the type of a text such as `decimal(18,2)`. Raises ValueError for one that shoplake does not use."""
    if text in SIMPLE:
        return SIMPLE[text]
    if match := DECIMAL.fullmatch(text):
        return DecimalType(int(match[1]), int(match[2]))
    match = NESTED.fullmatch(text)
    if match is None:
        raise ValueError(f"Unknown type '{text}'. Known are {', '.join(SIMPLE)}, decimal, array, map and struct.")
    if match[1] == "struct":
        return struct_type(match[2])
    if match[1] == "array":
        return ArrayType(data_type(match[2]))
    key, value = _split(match[2])
    return MapType(data_type(key), data_type(value))


def _field(text: str) -> StructField:
    match = FIELD.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is no field: a name and a type are.")
    return StructField(match[1], data_type(match[2].strip()))


def _split(text: str) -> list[str]:
    """Split a text at the commas outside brackets."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += (letter in "<(") - (letter in ">)")
        if letter == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return [*parts, text[start:].strip()]
