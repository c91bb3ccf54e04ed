"""The engine's protocols in memory, for tests of what only reads."""

from __future__ import annotations

import pyarrow as pa


class FakeTables:
    """Tables as DataFrames by name; a version is how often a table was set."""

    def __init__(self, spark=None, **tables):
        self.spark, self.tables = spark, tables

    def path(self, table):
        return f"/lake/{table.path}"

    def folder(self, name):
        return f"/lake/{name.replace('.', '/')}"

    def read(self, table):
        return self.tables[table.name]

    def read_batches(self, table, batches):
        rows = self.read(table)
        return rows.where(rows["batch_id"].isin(sorted(batches)))

    def scan_batch(self, table, batch, columns):
        yield from self.read_batches(table, [batch]).select(*columns).toArrow().to_batches()

    def row_count(self, table):
        return self.read(table).count()

    def version(self, table):
        return 0

    def sql_name(self, table, version=None):
        name = f"fake_{table.layer}_{table.name}"
        self.read(table).createOrReplaceTempView(name)
        return name

    def sql(self, query):
        return self.spark.sql(query)


class FakeStateStore:
    """Rows of ops tables by name."""

    def __init__(self, markers=None, **rows):
        self.rows, self.markers = rows, markers or {}

    def path(self, table):
        return f"lake/{table.path}"

    def read(self, table, columns=None, where=None):
        rows = self.rows.get(table.name, [])
        if where is not None and rows:
            rows = pa.Table.from_pylist(rows).filter(where).to_pylist()
        return [{name: row.get(name) for name in columns or row} for row in rows]

    def marker(self, table, name):
        return self.markers.get((table.name, name))
