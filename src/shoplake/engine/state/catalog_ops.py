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
FRESH_S = 30.0
"""How long what was read is answered from memory. A process that becomes the writer forgets it before."""
COMMIT_INTERVAL_S = 60.0


class CatalogOps:
    """The tables in `<catalog>.ops`; each commit with markers has a row for them."""

    def __init__(self, session: SparkSession, catalog: str, fresh_s: float = FRESH_S) -> None:
        self._session, self._catalog, self._fresh_s = session, catalog, fresh_s
        self._read: dict[tuple[str, str], tuple[float, Any]] = {}
        self._lock = threading.RLock()
        self._existing: set[str] = set()

    def create_if_missing(self) -> None:
        """Create the ops tables unless they exist."""
        if any(table.name not in self._existing for table in OPS):
            self._existing |= list_tables(self._catalog, "ops", self._session)
        for table in OPS:
            if table.name not in self._existing:
                create_table(table, self.path(table), more={MARKERS: "string"})
                self._existing.add(table.name)

    def forget(self) -> None:
        """Forget what was read: another process may have written since."""
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
        commit, known = self._markers(table)
        marked = (commit + 1, {**known, **markers})
        has_markers = bool(markers) or mode == "overwrite"
        cells = rows.append_column(MARKERS, pa.nulls(rows.num_rows, pa.string()))
        if has_markers:
            row = {MARKERS: json.dumps(dict(zip(("commit", "markers"), marked, strict=True)))}
            cells = pa.concat_tables([cells, pa.Table.from_pylist([row], schema=cells.schema)])
        written = self._session.createDataFrame(cells, struct_type(f"{table.types_ddl}, {MARKERS} string"))
        to = written.writeTo(str(self.path(table)))
        retry_on_conflict(to.append if mode == "append" else lambda: to.overwrite(F.lit(True)))
        self._remember_written(table, rows, mode, marked if has_markers else None)

    @property
    def commit_interval_s(self) -> float:
        """How often a run commits its results: each commit takes seconds."""
        return COMMIT_INTERVAL_S

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

    def _remember_written(
        self, table: Table[...], rows: pa.Table, mode: str, marked: tuple[int, dict[str, int]] | None
    ) -> None:
        """Remember what this process, the only writer, has written: it need not be read again."""
        now = time.monotonic()
        with self._lock:
            known = self._read.pop((table.name, "rows"), None)
            if mode == "overwrite":
                self._read[table.name, "rows"] = (now, rows)
            elif known is not None:
                self._read[table.name, "rows"] = (now, pa.concat_tables([known[1], rows]))
            if marked is not None:
                self._read[table.name, MARKERS] = (now, marked)

    def _remembered(self, key: tuple[str, str], read: Callable[[], Any]) -> Any:
        with self._lock:
            known = self._read.get(key)
            if known is not None and time.monotonic() - known[0] < self._fresh_s:
                return known[1]
            value = read()
            self._read[key] = (time.monotonic(), value)
            return value
