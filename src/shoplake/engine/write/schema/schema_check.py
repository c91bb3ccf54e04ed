"""Whether rows have the columns that their table declares, asked of the engine once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.errors import SchemaMismatchError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

    from shoplake.declare import Table


class SchemaCache:
    """The schemas of what is made for tables: a table's function, and each step of its writes, makes always the like.

    So the engine is asked once; each time would cost a small run an eighth of its time.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], StructType] = {}

    def of(self, table: Table[...], step: str, rows: DataFrame) -> StructType:
        """Return the schema of the rows that a step of the table's write makes."""
        return self._known.get((table.path, step)) or self._known.setdefault((table.path, step), rows.schema)

    def keep(self, table: Table[...], step: str, schema: StructType) -> None:
        """Keep a schema that the engine was asked for by others."""
        self._known[table.path, step] = schema


def check_schema(table: Table[...], schema: StructType) -> None:
    """Raise SchemaMismatchError unless it has the columns and types that the table's function declares."""
    declared = {column.name: column.type for column in table.output_columns}
    returned = {field.name: field.dataType.simpleString() for field in schema if not field.name.startswith("_")}
    if returned == declared and list(returned) == list(declared):
        return
    wrong = [
        f"{name} is {returned.get(name, 'missing')}, declared {declared.get(name, 'nowhere')}"
        for name in {**declared, **returned}
        if returned.get(name) != declared.get(name)
    ]
    order = f"the order is {', '.join(returned)}, declared {', '.join(declared)}"
    raise SchemaMismatchError(f"{table.qualified_name} returned other columns: {'; '.join(wrong) or order}.")
