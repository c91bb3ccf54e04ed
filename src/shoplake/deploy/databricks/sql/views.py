"""Views over the tables: histories as they are now, and the shop's questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.deploy.databricks.answers.questions import questions
from shoplake.deploy.databricks.sql.masks import masked
from shoplake.deploy.databricks.sql.statements import sql_file, use_schema
from shoplake.sql_text import sql_literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.declare import Column
    from shoplake.deploy.databricks.bundle_source import BundleSource

ENDS = ("valid_to", "is_current", "valid_to_month")
"""Columns that say when a row ended."""


def views_file(source: BundleSource) -> str:
    """Return a view of the current rows of each history, with personal columns masked, and one for each question."""
    about = "Views: the current rows of histories, and the questions that dashboard and Genie answer."
    return sql_file(about, [*_current_rows(source), *use_schema("gold"), *_answers(source)])


def _current_rows(source: BundleSource) -> Iterator[str]:
    yield from use_schema("silver")
    for table in source.tables("silver"):
        if table.change_columns:
            columns = ", ".join(_shown(source, column) for column in table.columns if column.name not in ENDS)
            about = sql_literal(f"The rows of {table.name} that are true now.")
            yield (
                f"CREATE OR REPLACE VIEW {table.name}_current COMMENT {about} AS\n"
                f"SELECT {columns} FROM {table.name} WHERE is_current"
            )


def _shown(source: BundleSource, column: Column) -> str:
    return f"{masked(source, column.name)} AS {column.name}" if column.personal else column.name


def _answers(source: BundleSource) -> Iterator[str]:
    for question in questions(source.lake_catalog):
        about = sql_literal(question.text)
        yield f"CREATE OR REPLACE VIEW answer_{question.name} COMMENT {about} AS\n{question.sql}"
