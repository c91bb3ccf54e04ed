"""Writes one version of a table into a DuckDB file, which never changes afterwards."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from shoplake.declare import Table
from shoplake.engine import arrow_schema
from shoplake.serve.store.connection import connect_build
from shoplake.serve.store.json_columns import quoted
from shoplake.serve.store.pointer import TableFiles
from shoplake.serve.store.served_tables import has_personal, without_personal

ROWS = "rows"
"""The name of the one table in a file."""


def name_files(table: Table[...], version: int, writer: str) -> TableFiles:
    """Return the names of the files of a version that a run has written.

    They depend on the run too, and on the columns that are declared, with their order.
    """
    visible = without_personal(table)
    file = _file_name(visible, version, writer, "")
    return TableFiles(file, _file_name(table, version, writer, "-personal") if has_personal(table) else None)


def write_table_files(
    folder: Path, table: Table[...], files: TableFiles, rows: pa.RecordBatchReader, where: str = "TRUE"
) -> None:
    """Write the rows for which `where` is true, sorted by partition and key; each file appears whole or not at all."""
    with connect_build(folder) as connection:
        connection.register("arrived", rows)
        kept = [each.name for each in table.columns if each.name in set(rows.schema.names)]
        connection.register("declared", arrow_schema(table).empty_table())
        absent = [
            f"(SELECT {quoted(each.name)} FROM declared) AS {quoted(each.name)}"  # a null of its type
            for each in table.columns
            if each.name not in kept
        ]
        names = ", ".join([*map(quoted, kept), *absent])
        connection.execute(f"CREATE TEMP TABLE {ROWS} AS SELECT {names} FROM arrived WHERE {where}")
        for name, columns in ((files.file, without_personal(table).columns), (files.personal_file, table.columns)):
            if name is not None:
                _write(connection, folder / name, [each.name for each in columns], _order(table))


def _write(connection: duckdb.DuckDBPyConnection, file: Path, columns: Sequence[str], order: Sequence[str]) -> None:
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    select = f"SELECT {', '.join(map(quoted, columns))} FROM temp.{ROWS}"
    sorting = f" ORDER BY {', '.join(map(quoted, order))}" if order else ""
    connection.execute(f"ATTACH '{part}' AS target")
    connection.execute(f"CREATE TABLE target.{ROWS} AS {select}{sorting}")
    connection.execute("DETACH target")
    part.replace(file)


def _order(table: Table[...]) -> list[str]:
    return list(dict.fromkeys((*table.partition_by, *table.key)))


def _file_name(table: Table[...], version: int, writer: str, suffix: str) -> str:
    shape = repr([(each.name, each.type) for each in table.columns])
    digest = hashlib.sha256(f"{duckdb.__version__}{shape}{writer}".encode()).hexdigest()[:8]
    return f"{table.qualified_name}-v{version}-{digest}{suffix}.duckdb"
