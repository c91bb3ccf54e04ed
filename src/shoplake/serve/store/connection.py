"""DuckDB in memory, in UTC."""

import duckdb

BUILD_MEMORY = "512MB"


def connect_memory(**config: str | int | bool) -> duckdb.DuckDBPyConnection:
    """Return a new database in memory; by default with one thread and little memory, as builds use it."""
    connection = duckdb.connect(":memory:", config={"threads": 1, "memory_limit": BUILD_MEMORY, **config})
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    return connection
