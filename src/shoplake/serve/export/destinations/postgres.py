"""A PostgreSQL database: views `<layer>.<table>` over the tables of the last export, switched in one transaction.

A view that is replaced keeps its identity: views, grants and dashboards that read it stay, and read the new rows.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from shoplake.engine import crash_points
from shoplake.serve.errors import ExportError
from shoplake.serve.export.cells import flatten_batch, flatten_schema, remove_nul
from shoplake.serve.export.destinations.destination import WrittenRows
from shoplake.serve.export.destinations.postgres_session import (
    LockTimeoutError,
    PostgresSession,
    quote_name,
    quote_text,
)
from shoplake.serve.export.destinations.postgres_views import DATA_PREFIX, PublishedViews, View

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.serve.export.destinations.connection_url import ConnectionUrl
    from shoplake.serve.export.manifest import Manifest
    from shoplake.serve.export.table_rows import TableRows

MANIFEST_SCHEMA = "shoplake"
"""The schema of `_shoplake` and `_shoplake_columns`."""
TYPES = {
    pa.string(): "text",
    pa.bool_(): "boolean",
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.date32(): "date",
    pa.timestamp("us", tz="UTC"): "timestamp with time zone",
}
ATTEMPTS = 5


class PostgresDestination:
    """Tables that readers see at once when all are loaded. `lock_timeout_s` bounds each wait for readers to finish."""

    format = "postgresql"

    def __init__(self, url: ConnectionUrl, lock_timeout_s: float = 5.0) -> None:
        self.label, self._url = url.label, url
        self._lock_timeout_ms = round(1000 * lock_timeout_s)
        self._data_schema = f"{DATA_PREFIX}{uuid.uuid4().hex[:12]}"
        self._views: list[View] = []
        self._session: Any = None
        self._published: Any = None

    def __enter__(self) -> Self:
        self._session = PostgresSession(self._url)
        try:
            self._session.lock()
            self._session.execute(f"CREATE SCHEMA {quote_name(self._data_schema)}")
            self._published = PublishedViews(self._session)
        except ExportError:
            self._session.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def write(self, rows: TableRows) -> WrittenRows:
        """Load one table."""
        comments = {column.name: column.meaning for column in rows.columns}
        columns = postgres_types(rows.schema)
        view = View(rows.table.layer, rows.table.name, self._data_schema, columns, rows.table.doc, comments)
        return WrittenRows(self._load(view, rows.schema, rows.read()))

    def publish(self, manifest: Manifest) -> list[str]:
        """Let the views read the new tables, then drop those of earlier exports."""
        for name, table in manifest.described_by():
            view = View(MANIFEST_SCHEMA, name, self._data_schema, postgres_types(table.schema))
            self._load(view, table.schema, table.to_batches())
        self._session.commit()
        remarks = self._retried()
        self._drop_earlier()
        return remarks

    def _load(self, view: View, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
        self._published.must_be_recreated(view)
        columns = ", ".join(f"{quote_name(name)} {type}" for name, type in view.columns.items())
        self._session.execute(f"CREATE TABLE {quote_name(self._data_schema, view.name)} ({columns})")
        flat = remove_nul(flatten_batch(batch) for batch in batches)
        self._views.append(view)
        return int(
            self._session.ingest(
                self._data_schema, view.name, pa.RecordBatchReader.from_batches(flatten_schema(schema), flat)
            )
        )

    def _retried(self) -> list[str]:
        """Switch the views, and wait again where readers hold them."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._switch()
            except LockTimeoutError as error:
                self._session.rollback()
                if attempt == ATTEMPTS:
                    raise ExportError(f"{error} Nothing is replaced. Export again when those queries end.") from None
        return []

    @crash_points("publish_export")
    def _switch(self) -> list[str]:
        """Replace all views in one transaction."""
        self._session.execute(f"SET LOCAL lock_timeout = {self._lock_timeout_ms}")
        for view in self._views:
            self._published.replace(view)
        remarks: list[str] = self._published.drop_others({(view.schema, view.name) for view in self._views})
        self._session.commit()
        return remarks

    def _drop_earlier(self) -> None:
        """Drop the tables of earlier exports, also of interrupted ones; those that a user's view reads stay."""
        pattern = quote_text(DATA_PREFIX.replace("_", r"\_") + "%")
        query = f"SELECT schemaname, tablename FROM pg_tables WHERE schemaname LIKE {pattern}"
        schemas = f"SELECT nspname FROM pg_namespace WHERE nspname LIKE {pattern}"
        drops = [f"TABLE {quote_name(schema, name)}" for schema, name in self._earlier(query)]
        drops += [f"SCHEMA {quote_name(schema)}" for (schema,) in self._earlier(schemas)]
        for drop in drops:
            try:
                self._session.execute(f"SET LOCAL lock_timeout = {self._lock_timeout_ms}")
                self._session.execute(f"DROP {drop}")
                self._session.commit()
            except ExportError:
                self._session.rollback()

    def _earlier(self, query: str) -> list[tuple[str, ...]]:
        return [row for row in self._session.query(query) if row[0] != self._data_schema]


def postgres_types(schema: pa.Schema) -> dict[str, str]:
    """Return the PostgreSQL type of each column; nested ones are JSON text."""
    return {field.name: _postgres_type(field.type) for field in flatten_schema(schema)}


def _postgres_type(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision},{kind.scale})"
    return TYPES[kind]
