"""Masks of columns with personal data, for all who are not in one group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.deploy.databricks.sql.statements import literal, sql_file, use_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.deploy.databricks.bundle_source import BundleSource

MASK = "mask_personal"
ABOUT = """Masks of personal columns. The service principal of the jobs must be in the group, or it would
-- read masked values and write them back."""


def masks_file(source: BundleSource) -> str:
    """Return the functions that mask, one a layer, and the columns that they are set for."""
    return sql_file(ABOUT, [each for layer in ("bronze", "silver", "gold") for each in _statements(source, layer)])


def _statements(source: BundleSource, layer: str) -> Iterator[str]:
    masked = [(table, column) for table in source.tables(layer) for column in table.columns if column.personal]
    if not masked:
        return
    yield use_schema(layer)
    yield (
        f"CREATE OR REPLACE FUNCTION {MASK}(value STRING) RETURNS STRING\n"
        "  COMMENT 'The value for those who may read personal data; for others a text that differs by value.'\n"
        f"  RETURN CASE WHEN is_account_group_member({literal(source.readers)}) THEN value\n"
        "    WHEN value IS NULL THEN NULL ELSE concat('masked-', substr(sha2(value, 256), 1, 12)) END"
    )
    for table, column in masked:
        yield f"ALTER TABLE {table.name} ALTER COLUMN {column.name} SET MASK {MASK}"
