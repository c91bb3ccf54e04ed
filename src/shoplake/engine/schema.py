"""Whether rows have the columns that their table declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.errors import SchemaMismatch

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.declare import Table


def check_schema(table: Table[...], rows: DataFrame) -> None:
    """Raise SchemaMismatch unless the rows have the columns and types that the table's function declares."""
    declared = {column.name: column.type for column in table.built}
    returned = {field.name: field.dataType.simpleString() for field in rows.schema if not field.name.startswith("_")}
    if returned == declared and list(returned) == list(declared):
        return
    wrong = [
        f"{name} is {returned.get(name, 'missing')}, declared {declared.get(name, 'nowhere')}"
        for name in {**declared, **returned}
        if returned.get(name) != declared.get(name)
    ]
    order = f"the order is {', '.join(returned)}, declared {', '.join(declared)}"
    raise SchemaMismatch(f"{table.layer}.{table.name} returned other columns: {'; '.join(wrong) or order}.")
