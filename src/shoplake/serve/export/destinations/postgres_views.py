"""Views that an export shows its tables through, and what must hold before they can be replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shoplake.serve.errors import ExportError
from shoplake.serve.export.destinations.postgres_session import quote_name, quote_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.serve.export.destinations.postgres_session import PostgresSession

DATA_PREFIX = "_shoplake_data_"
"""Schemas with the tables of one export each."""

OWN_SCHEMAS = ("bronze", "silver", "gold", "shoplake")
EXISTING = (
    "SELECT n.nspname, c.relname, c.relkind = 'v' AND n.nspname IN ({schemas}) "
    "AND pg_get_viewdef(c.oid) LIKE '%{prefix}%.' || c.relname || '%' FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') "
    "AND n.nspname NOT LIKE '{prefix}%' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
).format(prefix=DATA_PREFIX.replace("_", r"\_"), schemas=", ".join(map(quote_text, OWN_SCHEMAS)))
"""Relations, and whether an export made them: a view of a layer that reads the table of its name in a data schema."""
COLUMNS = (
    "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a "
    "WHERE a.attrelid = {view}::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
)
READERS = (
    "SELECT DISTINCT r.ev_class::regclass::text FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid "
    "WHERE d.classid = 'pg_rewrite'::regclass AND d.refobjid = {view}::regclass AND r.ev_class <> {view}::regclass"
)


@dataclass(frozen=True)
class View:
    """A view over a table of an export."""

    schema: str
    name: str
    data_schema: str
    columns: Mapping[str, str]
    """Column to its PostgreSQL type."""
    comment: str = ""
    comments: Mapping[str, str] | None = None
    """Column to its definition."""

    @property
    def sql(self) -> str:
        """Its name as SQL."""
        return quote_name(self.schema, self.name)


class PublishedViews:
    """The views in a database, by schema and name, with whether an export made them."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session
        self.is_export = {(schema, name): bool(own) for schema, name, own in session.query(EXISTING)}

    def must_be_recreated(self, view: View) -> bool:
        """Whether the columns of the existing view have changed, so that it has to be dropped first.

        Raises ExportError where something else has its name, or where other views read a view of changed columns.
        """
        key = (view.schema, view.name)
        if key not in self.is_export:
            return False
        if not self.is_export[key]:
            raise ExportError(f"{view.schema}.{view.name} exists, and no export made it. Rename it, then export again.")
        stored = self._session.query(COLUMNS.format(view=quote_text(view.sql)))
        if stored == list(view.columns.items())[: len(stored)]:
            return False
        if readers := self._readers(view.sql):
            raise ExportError(
                f"The columns of {view.schema}.{view.name} have changed, and {', '.join(readers)} read it. "
                "Drop them, export again, and create them anew."
            )
        return True

    def replace(self, view: View) -> None:
        """Let the view read the tables of its data schema."""
        session, columns = self._session, ", ".join(map(quote_name, view.columns))
        if self.must_be_recreated(view):
            session.execute(f"DROP VIEW {view.sql}")
        session.execute(f"CREATE SCHEMA IF NOT EXISTS {quote_name(view.schema)}")
        source = quote_name(view.data_schema, view.name)
        session.execute(f"CREATE OR REPLACE VIEW {view.sql} AS SELECT {columns} FROM {source}")
        session.execute(f"COMMENT ON VIEW {view.sql} IS {quote_text(view.comment)}")
        for column, comment in (view.comments or {}).items():
            session.execute(f"COMMENT ON COLUMN {view.sql}.{quote_name(column)} IS {quote_text(comment)}")

    def drop_others(self, kept: set[tuple[str, str]]) -> list[str]:
        """Drop the views of earlier exports that are not in `kept`; returns remarks about those that others read."""
        remarks = []
        for schema, name in sorted(key for key, own in self.is_export.items() if own and key not in kept):
            view = quote_name(schema, name)
            if readers := self._readers(view):
                remarks.append(f"{schema}.{name} is kept with its old rows: {', '.join(readers)} read it.")
            else:
                self._session.execute(f"DROP VIEW {view}")
        return remarks

    def _readers(self, view: str) -> list[str]:
        """Return the views that read a view."""
        return sorted(name for (name,) in self._session.query(READERS.format(view=quote_text(view))))
