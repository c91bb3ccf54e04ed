"""Comments, keys and tags of the tables of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.deploy.databricks.sql.statements import sql_file, use_schema
from shoplake.sql_text import sql_literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shoplake.declare import Table

PERSONAL = "personal_data"
"""The tag of columns with personal data; its value is the kind of it."""


def comments_file(layer: str, tables: Sequence[Table[...]]) -> str:
    """Return what Unity Catalog shows of the tables of a layer: meaning and unit of each column, key, tags.

    A primary key asks for columns that are never null. Where a key may have nulls, it is a property of the table.
    """
    about = "Comments, keys and tags. Run it again after a new version: each statement sets what is declared."
    return sql_file(about, [*use_schema(layer), *(each for table in tables for each in _statements(table))])


def _statements(table: Table[...]) -> Iterator[str]:
    yield f"COMMENT ON TABLE {table.name} IS {sql_literal(' '.join(table.doc.split()))}"
    columns = ",\n  ".join(f"{column.name} COMMENT {sql_literal(column.meaning)}" for column in table.columns)
    yield f"ALTER TABLE {table.name} ALTER COLUMN\n  {columns}"
    yield from _key(table)
    yield f"ALTER TABLE {table.name} SET TAGS ('layer' = '{table.layer}')"
    for column in table.columns:
        if column.personal:
            tag = f"'{PERSONAL}' = {sql_literal(column.personal)}"
            yield f"ALTER TABLE {table.name} ALTER COLUMN {column.name} SET TAGS ({tag})"


def _key(table: Table[...]) -> Iterator[str]:
    if not table.key:
        return
    columns = ", ".join(table.key)
    if all(column.required for column in table.columns if column.name in table.key):
        yield f"ALTER TABLE {table.name} DROP PRIMARY KEY IF EXISTS CASCADE"
        yield f"ALTER TABLE {table.name} ADD CONSTRAINT {table.name}_key PRIMARY KEY ({columns}) NOT ENFORCED"
    else:
        yield f"ALTER TABLE {table.name} SET TBLPROPERTIES ('shoplake.key' = {sql_literal(columns)})"
