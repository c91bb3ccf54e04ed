"""The DuckDB job and what compares its tables with those of a lake."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.compute as pc
from deltalake import DeltaTable

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import attribution_distance
import duckdb_job
import rowwise
import table_ratios
from reliability.lakes import catalog

if TYPE_CHECKING:
    import duckdb

__all__ = ["attribution_distance", "duckdb_job", "rowwise", "table_ratios"]
LAYERS = ("silver", "gold")
TABLES = tuple(
    sorted(name for name in duckdb_job.tables() if name.startswith(LAYERS) and not name.endswith("_quarantine"))
)
GOLD = tuple(name for name in TABLES if name.startswith("gold."))


def register(connection: duckdb.DuckDBPyConnection, lake: Path, table: str, name: str, *, feed: str = "shop") -> None:
    """Make the rows of a feed in a table of a lake, also of an empty one without files, a view of that name."""
    rows = DeltaTable(str(lake / table.replace(".", "/"))).to_pyarrow_table()
    connection.register(name, rows.filter(pc.equal(rows["feed"], feed)))


def build_gold(connection: duckdb.DuckDBPyConnection, lake: Path, out: Path, **shop: str) -> None:
    """Make the gold tables below `out`, a new folder, of the silver tables of a lake; `shop` as of `duckdb_job.run`."""
    out.mkdir()
    settings = duckdb_job.SHOP | shop | {"memory": "2GB"}
    for table in catalog().ordered:
        if table.layer == "silver":
            register(connection, lake, f"silver.{table.name}", table.name, feed=settings["feed"])
    duckdb_job.run_scripts(connection, ("setup", *duckdb_job.GOLD_SCRIPTS), out, settings)


def differences(
    connection: duckdb.DuckDBPyConnection, lake: Path, out: Path, table: str, *, feed: str = "shop"
) -> list[str]:
    """Compare the rows of a feed in a table of a lake with those of the job in `out`."""
    register(connection, lake, table, "in_lake", feed=feed)
    files = f"read_parquet('{out / table.replace('.', '/')}/**/*.parquet', hive_partitioning = true)"
    return rowwise.compare(connection, table, "in_lake", files)
