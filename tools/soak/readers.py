"""Readers that know nothing of shoplake: the rows of a table as each of them gets them from the folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from deltalake import DeltaTable

from tools.soak.model import COLUMNS
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pyspark.sql import SparkSession

    from tools.soak.world import World


def read_with_delta_rs(table: Path, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Read a table with delta-rs."""
    rows: list[dict[str, Any]] = DeltaTable(str(table)).to_pyarrow_table(columns=[*columns]).to_pylist()
    return rows


def read_with_duckdb(table: Path, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Read the files that the commits of a log leave with DuckDB, without its extension and without delta-rs.

    The log must have all of its commits.
    """
    import duckdb

    added: dict[str, Mapping[str, str | None]] = {}
    for commit in sorted((table / "_delta_log").glob("*.json")):
        for line in commit.read_text(encoding="utf-8").splitlines():
            action = json.loads(line)
            if "add" in action:
                added[action["add"]["path"]] = action["add"]["partitionValues"]
            elif "remove" in action:
                added.pop(action["remove"]["path"], None)
    rows: list[dict[str, Any]] = []
    types = {field.name: field.type for field in DeltaTable(str(table)).schema().fields}
    with duckdb.connect() as connection:
        for path, partition in added.items():
            cells = [_cell(name, partition, types) for name in columns]
            query = f"SELECT {', '.join(cells)} FROM read_parquet(?, hive_partitioning=false)"
            found: Any = connection.execute(query, [str(table / unquote(path))]).to_arrow_table()
            rows += found.to_pylist()
    return rows


def read_with_polars(table: Path, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Read a table with Polars."""
    import polars

    rows: list[dict[str, Any]] = polars.read_delta(str(table), columns=[*columns]).to_dicts()
    return rows


def spark_reader(session: SparkSession) -> Callable[[Path, tuple[str, ...]], list[dict[str, Any]]]:
    """Return a reader that reads a table with Spark's Delta Lake; it sees what the session sees on its machine."""

    def read(table: Path, columns: tuple[str, ...]) -> list[dict[str, Any]]:
        found = session.read.format("delta").load(str(table)).select(*(f"`{name}`" for name in columns))
        rows: list[dict[str, Any]] = found.toArrow().to_pylist()
        return rows

    return read


READERS: dict[str, Callable[[Path, tuple[str, ...]], list[dict[str, Any]]]] = {
    "delta-rs": read_with_delta_rs,
    "DuckDB": read_with_duckdb,
    "Polars": read_with_polars,
}


def check_readers(world: World, names: Iterable[str]) -> None:
    """Raise DifferenceError where a reader gets other rows of a table than the model says."""
    for table, rows in world.model.tables(world.families).items():
        for name in names:
            found = READERS[name](world.path / table, COLUMNS.get(table, ("raw",)))
            if sorted((tuple(row.values()) for row in found), key=repr) != rows:
                raise DifferenceError(f"{name} reads other rows of {table}: {found[:3]}, not {rows[:3]}")


def _cell(name: str, partition: Mapping[str, str | None], types: Mapping[str, Any]) -> str:
    """Return a column as SQL: from the file, or from the partition that the log names."""
    if name not in partition:
        return f'"{name}"'
    value = partition[name]
    literal = "NULL" if value is None else "'" + value.replace("'", "''") + "'"
    type_name = str(types[name].type)
    return f'CAST({literal} AS {"VARCHAR" if type_name == "string" else type_name.upper()}) AS "{name}"'
