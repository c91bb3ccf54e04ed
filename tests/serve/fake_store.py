"""A store in memory, for tests of what reads one."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from shoplake.engine.storage.delta_log import arrow_schema
from shoplake.serve.store.served_tables import visible_tables


class FakeGeneration:
    """Tables of a DuckDB in memory, filled with rows by table, and documents by table name and key."""

    def __init__(self, id="g1", *, rows=None, documents=None, with_personal=True):
        self.id, self.as_of = id, datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
        declared = {table.qualified_name: table for table in rows or {}}
        self.tables = visible_tables(declared, with_personal=with_personal)
        self.versions = dict.fromkeys(self.tables, 1)
        self._documents = documents or {}
        self.connection = duckdb.connect(":memory:")
        self.connection.execute("SET GLOBAL TimeZone = 'UTC'")
        for table, values in (rows or {}).items():
            visible = self.tables[table.qualified_name]
            arrow = pa.Table.from_pylist(values, schema=arrow_schema(visible))
            self.connection.register("arrow", arrow)
            self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.layer}")
            self.connection.execute(f"CREATE TABLE {table.qualified_name} AS SELECT * FROM arrow")

    def query(self, sql, parameters=()):
        return self.connection.cursor().sql(sql, params=list(parameters)).to_arrow_table()

    def stream(self, sql, parameters=()):
        return self.connection.cursor().sql(sql, params=list(parameters)).to_arrow_reader()

    async def document(self, table, key):
        found = self._documents.get((table, key))
        return None if found is None else json.dumps(found).encode()


class FakeStore:
    """A store whose generation a test sets; `personal` is the one with personal columns, where it differs."""

    def __init__(self, generation=None, personal=None):
        self.generation, self.personal = generation, personal

    def current(self, *, with_personal):
        return self.personal if with_personal and self.personal is not None else self.generation
