"""Texts without a named collation: Spark names one in types that Python gives it, and other Delta readers refuse it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, MapType, StringType, StructType

from shoplake.sql_text import sql_name

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def with_plain_texts(rows: DataFrame) -> DataFrame:
    """Return rows whose texts, also those in lists, maps and structures, have no collation that a log would name.

    What a Python function returns, and a cast to `StringType()`, is `string collate UTF8_BINARY` in the schema of a
    Delta table that Spark 4.2 makes of it. A cast to the type in SQL is plain.
    """
    columns = []
    for field in rows.schema.fields:
        column, type = F.col(sql_name(field.name)), type_text(field.dataType)
        columns.append(column.cast(type).alias(field.name) if "string" in type else column)
    return rows.select(*columns)


def type_text(type: DataType) -> str:
    """Return a type in SQL, without collations."""
    if isinstance(type, StringType):
        return "string"
    if isinstance(type, ArrayType):
        return f"array<{type_text(type.elementType)}>"
    if isinstance(type, MapType):
        return f"map<{type_text(type.keyType)},{type_text(type.valueType)}>"
    if isinstance(type, StructType):
        return f"struct<{','.join(f'{sql_name(each.name)}:{type_text(each.dataType)}' for each in type.fields)}>"
    return type.simpleString()
