"""DuckDB in memory, in UTC."""

from pathlib import Path

import duckdb

BUILD_MEMORY = "512MB"
SPILL = "spill"
"""Folder in the store, for what a build cannot hold in memory; a killed build leaves it, the next one removes it."""


WITHOUT_STATISTICS = {"disabled_optimizers": "statistics_propagation"}
"""DuckDB 2.0.0 takes an outer join with an empty table for a join without rows, and cuts sums over it to a byte."""


def connect_memory(**config: str | int | bool) -> duckdb.DuckDBPyConnection:
    """Return a new database in memory; by default with one thread and little memory, as builds use it."""
    own: dict[str, str | int | bool] = {"threads": 1, "memory_limit": BUILD_MEMORY}
    connection = duckdb.connect(":memory:", config={**own, **WITHOUT_STATISTICS, **config})
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection


def connect_build(store: Path) -> duckdb.DuckDBPyConnection:
    """Return a database in memory for a build, which spills into the store and not into the working directory."""
    return connect_memory(temp_directory=str(store / SPILL))
