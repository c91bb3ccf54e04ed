"""Masks of columns with personal data, for all who are not in one group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.declare import LAYERS
from shoplake.deploy.databricks.sql.statements import sql_file, use_schema
from shoplake.sql_text import sql_literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.declare import Table
    from shoplake.deploy.databricks.bundle_source import BundleSource

MASK = "mask_personal"
ABOUT = """Masks of personal columns. The service principal of the jobs must be in the group, or it would
-- read masked values and write them back. Runs read these tables at earlier versions, which a table with masks does not
-- allow; they have none, and grants keep analysts out: """


def masks_file(source: BundleSource) -> str:
    """Return the functions that mask, one a layer, and the columns that they are set for.

    A table that other tables are made of has no mask: a run reads what has changed in it since an earlier version.
    """
    read = [table.name for layer in LAYERS for table in _personal(source, layer) if _is_read(source, table)]
    return sql_file(f"{ABOUT}{', '.join(read)}.", [each for layer in LAYERS for each in _statements(source, layer)])


def masked(source: BundleSource, column: str) -> str:
    """Return the expression that shows a text to members of the group, and to others one that differs by value."""
    return (
        f"CASE WHEN is_account_group_member({sql_literal(source.readers)}) THEN {column} "
        f"WHEN {column} IS NULL THEN NULL ELSE concat('masked-', substr(sha2({column}, 256), 1, 12)) END"
    )


def _personal(source: BundleSource, layer: str) -> list[Table[...]]:
    return [table for table in source.tables(layer) if any(column.personal for column in table.columns)]


def _is_read(source: BundleSource, table: Table[...]) -> bool:
    """Whether runs read a table back: an input of another, or the changes that a history is made of."""
    changelogs = {each.changelog.name for each in source.lake_catalog.values() if each.changelog is not None}
    return table.name in changelogs or bool(source.lake_catalog.downstream_of(table.name))


def _statements(source: BundleSource, layer: str) -> Iterator[str]:
    tables = [table for table in _personal(source, layer) if not _is_read(source, table)]
    if not tables:
        return
    yield from use_schema(layer)
    yield (
        f"CREATE OR REPLACE FUNCTION {MASK}(value STRING) RETURNS STRING\n"
        "  COMMENT 'The value for those who may read personal data; for others a text that differs by value.'\n"
        f"  RETURN {masked(source, 'value')}"
    )
    for table in tables:
        for column in table.columns:
            if column.personal:
                yield f"ALTER TABLE {table.name} ALTER COLUMN {column.name} SET MASK {MASK}"
