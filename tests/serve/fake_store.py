"""A store in memory, for tests of what reads one."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import duckdb


class FakeGeneration:
    """Tables of a DuckDB in memory by full name, and documents by table and key."""

    def __init__(self, id="g1", *, tables=None, documents=None, versions=None):
        self.id, self.as_of = id, datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
        self.tables = {table.qualified_name: table for table in tables or ()}
        self.versions = versions or dict.fromkeys(self.tables, 1)
        self._documents = documents or {}
        self.connection = duckdb.connect(":memory:")
        for table in self.tables.values():
            self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.layer}")
            columns = ", ".join(f"{each.name} {each.type}" for each in table.columns)
            self.connection.execute(f"CREATE TABLE {table.qualified_name} ({columns})")

    def query(self, sql, parameters=()):
        return self.connection.cursor().sql(sql, params=list(parameters)).to_arrow_table()

    def stream(self, sql, parameters=()):
        return self.connection.cursor().sql(sql, params=list(parameters)).to_arrow_reader()

    def document(self, table, key):
        found = self._documents.get((table, key))
        return None if found is None else json.dumps(found).encode()


class FakeStore:
    """A store whose generation a test sets; `personal` is the one with personal columns, where it differs."""

    def __init__(self, generation=None, personal=None):
        self.generation, self.personal = generation, personal

    def current(self, *, with_personal):
        return self.personal if with_personal and self.personal is not None else self.generation
