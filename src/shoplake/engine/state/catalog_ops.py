"""The `ops` tables in a catalog, read and written by SQL alone."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.dataset as ds
from pyspark.sql import functions as F

from shoplake.columns.schema import struct_type
from shoplake.engine.session.error_mapping import retry_on_conflict
from shoplake.engine.state.ops_tables import OPS
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.catalog.address import CatalogAddress
from shoplake.engine.storage.catalog.catalog_tables import create_table, list_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pyspark.sql import SparkSession

    from shoplake.declare import Table

MARKERS = "_markers"
"""The column of an ops table in a catalog that is set in rows which have nothing else: all markers, as JSON."""
FRESH_S = 5.0
"""How long rows that were read are answered from memory: only one process writes, and it forgets them when it does."""


class CatalogOps:
    """The tables in `<catalog>.ops`; each commit with markers has a row for them."""

    def __init__(self, session: SparkSession, catalog: str, fresh_s: float = FRESH_S) -> None:
        self._session, self._catalog, self._fresh_s = session, catalog, fresh_s
        self._read: dict[tuple[str, str], tuple[float, Any]] = {}
        self._lock = threading.RLock()
        self._existing: set[str] = set()

    def create_if_missing(self) -> None:
        """Create the ops tables unless they exist, and forget what was read: this process is the writer from now on."""
        self.forget()
        if any(table.name not in self._existing for table in OPS):
            self._existing |= list_tables(self._catalog, "ops", self._session)
        for table in OPS:
            if table.name not in self._existing:
                create_table(table, self.path(table), more={MARKERS: "string"})
                self._existing.add(table.name)

    def forget(self) -> None:
        """Forget what was read."""
        with self._lock:
            self._read.clear()

    def path(self, table: Table[...]) -> CatalogAddress:
        """Return the address of an ops table."""
        return CatalogAddress(f"{self._catalog}.{table.qualified_name}", self._session)

    def scan(self, table: Table[...], columns: list[str] | None, where: ds.Expression | None) -> pa.Table:
        """Return rows of an ops table; all are read, those for which `where` is not true are left out here."""
        rows = self._remembered((table.name, "rows"), lambda: self._rows(table))
        return ds.dataset(rows).to_table(columns, where)

    def marker(self, table: Table[...], name: str) -> int | None:
        """Return the number that a commit to an ops table last recorded under a name."""
        return self._markers(table)[1].get(name)

    def write(
        self, table: Table[...], rows: pa.Table, mode: Literal["append", "overwrite"], markers: Mapping[str, int]
    ) -> None:
        """Append rows to an ops table or overwrite all, and record markers, in one commit."""
        names = {each.name: each.type for each in table.columns}
        written = self._session.createDataFrame(
            rows, struct_type(", ".join(f"{n} {kind}" for n, kind in names.items()))
        )
        written = written.withColumn(MARKERS, F.lit(None).cast("string"))
        if markers or mode == "overwrite":
            commit, known = self._markers(table)
            row = json.dumps({"commit": commit + 1, "markers": {**known, **markers}})
            nothing = [F.lit(None).cast(kind).alias(name) for name, kind in names.items()]
            written = written.unionAll(self._session.range(1).select(*nothing, F.lit(row).alias(MARKERS)))
        at = self.path(table)
        to = written.writeTo(str(at))
        retry_on_conflict(to.append if mode == "append" else lambda: to.overwrite(F.lit(True)))
        self.forget()

    def compact(self, every: int) -> None:
        """Do nothing: the catalog compacts its tables itself, or `shoplake maintain` does."""

    def _rows(self, table: Table[...]) -> pa.Table:
        schema = delta_log.arrow_schema(table)
        read = self._session.table(str(self.path(table))).where(F.col(MARKERS).isNull()).select(*schema.names)
        return read.toArrow().cast(schema)

    def _markers(self, table: Table[...]) -> tuple[int, dict[str, int]]:
        """Return the number of the last commit with markers, and all of them."""
        found: tuple[int, dict[str, int]] = self._remembered((table.name, MARKERS), lambda: self._read_markers(table))
        return found

    def _read_markers(self, table: Table[...]) -> tuple[int, dict[str, int]]:
        rows = self._session.table(str(self.path(table))).where(F.col(MARKERS).isNotNull()).select(MARKERS).collect()
        commits: list[dict[str, Any]] = [json.loads(row[0]) for row in rows]
        last = max(commits, key=lambda each: each["commit"], default=None)
        return (0, {}) if last is None else (last["commit"], last["markers"])

    def _remembered(self, key: tuple[str, str], read: Callable[[], Any]) -> Any:
        with self._lock:
            known = self._read.get(key)
            if known is not None and time.monotonic() - known[0] < self._fresh_s:
                return known[1]
            value = read()
            self._read[key] = (time.monotonic(), value)
            return value
