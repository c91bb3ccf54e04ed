"""Delta tables by their log, through delta-rs: create, count, compare; no session needed."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from pyarrow import fs

from shoplake.engine.storage import filesystem
from shoplake.engine.storage.log_statistics import statistics_properties
from shoplake.engine.storage.table_cache import data_files, open_table
from shoplake.engine.storage.table_cache import table_exists as table_exists
from shoplake.errors import IncompatibleLakeError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from deltalake import Field
    from deltalake.schema import ArrayType, MapType, PrimitiveType, StructType

    from shoplake.declare import Table

log = logging.getLogger("shoplake.engine.storage")

SMALL_FILE_BYTES = 32 << 20
"""Bytes."""

DELTA_TYPES = {"string": "string", "int": "integer", "bigint": "long"}
ARROW_TYPES = {
    "string": pa.string(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def create_if_missing(table: Table[...], at: str, configuration: Mapping[str, str] | None = None) -> None:
    """Create the table, without rows, unless it exists. Raises IncompatibleLakeError where it lacks columns."""
    from deltalake import DeltaTable, Schema

    if table_exists(at):
        _check_columns(table, at)
        return
    DeltaTable.create(
        at,
        Schema(delta_fields(table)),
        mode="ignore",
        partition_by=list(table.partition_by),
        name=table.name,
        description=table.summary,
        configuration={**(configuration or {}), **statistics_properties(table)},
        storage_options=filesystem.delta_options(at),
    )


def delta_fields(table: Table[...]) -> list[Field]:
    """Return the table's declared columns as the fields of a log."""
    from deltalake import Field

    return [Field(each.name, _delta_type(each.type), metadata={"comment": each.meaning}) for each in table.columns]


def type_text(type: Any) -> str:
    """Return the type of a field in a log as Spark SQL; of a struct or array, as Delta writes it."""
    from deltalake.schema import PrimitiveType

    spark_types = {delta: spark for spark, delta in DELTA_TYPES.items()}
    return spark_types.get(type.type, type.type) if isinstance(type, PrimitiveType) else str(type.to_json())


def _check_columns(table: Table[...], at: str) -> None:
    """Raise IncompatibleLakeError unless the table at `at` has the columns that are declared now."""
    names = {field.name for field in open_table(at).schema().fields}
    lacks = [column.name for column in table.columns if column.name not in names]
    if lacks:
        raise IncompatibleLakeError(
            at.removesuffix(f"/{table.path}"), f"{table.qualified_name} lacks {', '.join(lacks)}"
        )


def table_version(at: str) -> int:
    """Return the number of the table's last commit."""
    return int(open_table(at).version())


def table_id(at: str) -> str:
    """Return what tells the table from any other, also from one that was here before."""
    return str(open_table(at).metadata().id)


def file_paths(at: str) -> list[str]:
    """Return the table's data files, by their path in its folder."""
    paths = data_files(at).column("path").to_pylist()
    return [unquote(path) for path in paths]


def files_exist(at: str, wanted: Collection[str]) -> bool:
    """Whether files of this or an earlier version still lie in the table's folder: a vacuum deletes old ones."""
    old = sorted(set(wanted) - {f"{at}/{file}" for file in file_paths(at)})
    if not old:
        return True
    where, _ = filesystem.filesystem_for(at)
    infos = where.get_file_info([filesystem.filesystem_for(file)[1] for file in old])
    return all(info.type is fs.FileType.File for info in infos)


def row_count(at: str, batch: str | None = None) -> int:
    """How many rows the table has, or a batch has in it, by the counts its log keeps of every file."""
    files = data_files(at)
    if batch is not None:
        files = files.filter(pc.equal(files.column("partition.batch_id"), batch))
    return int(sum(count or 0 for count in files.column("num_records").to_pylist()))


def scan_batch(at: str, batch: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield columns of the rows of one batch, from the files of its partition."""
    files = data_files(at)
    paths = files.filter(pc.equal(files.column("partition.batch_id"), batch)).column("path").to_pylist()
    if paths:
        where, folder = filesystem.filesystem_for(at)
        rows = ds.dataset([f"{folder}/{unquote(path)}" for path in paths], format="parquet", filesystem=where)
        yield from rows.to_batches(columns=list(columns))


def delete_batches(at: str, batches: Collection[str]) -> None:
    """Delete the rows of `batches` from a table that is partitioned by `batch_id`, if there are any."""
    table = open_table(at)
    present = set(data_files(at).column("partition.batch_id").to_pylist())
    if left := sorted(present & set(batches)):
        table.delete("batch_id IN ({})".format(", ".join(f"'{batch}'" for batch in left)))


def compact(at: str, partition_by: Collection[str], max_files: int, small_file_bytes: int = SMALL_FILE_BYTES) -> None:
    """Compact the small files in each partition that has more than `max_files` of them."""
    table = open_table(at)
    if len(table.file_uris()) <= max_files:
        return
    files = data_files(at)
    small = files.filter(pc.less(files.column("size_bytes"), small_file_bytes))
    keys = [small.column(f"partition.{name}").to_pylist() for name in partition_by]
    for values, count in Counter(zip(*keys, strict=True) if keys else [()] * small.num_rows).items():
        if count > max_files:
            where = [
                (name, "=", "" if value is None else str(value))
                for name, value in zip(partition_by, values, strict=True)
            ]
            log.info("compact %d small files of %s %s", count, at, where or "")
            table.optimize.compact(partition_filters=where or None)


def partition_values(at: str, column: str) -> set[str]:
    """Return the values of a partition column that the table holds, as text."""
    values = data_files(at).column(f"partition.{column}").to_pylist()
    return {str(value) for value in values if value is not None}


def null_counts(at: str) -> dict[str, int | None]:
    """How many nulls each column has; None where the log does not say."""
    files = data_files(at)
    prefix, nulls = "null_count.", dict[str, int | None]()
    for name in files.column_names:
        if name.startswith(prefix):
            counts = files.column(name).to_pylist()
            nulls[name.removeprefix(prefix)] = None if None in counts else sum(counts)
    return nulls


def arrow_schema(table: Table[...]) -> pa.Schema:
    """Return the table's declared columns as an Arrow schema."""
    return pa.schema([pa.field(column.name, _arrow_type(column.type)) for column in table.columns])


def _arrow_type(name: str) -> pa.DataType:
    if name.startswith("decimal"):
        precision, scale = name[8:-1].split(",")
        return pa.decimal128(int(precision), int(scale))
    if name.startswith("map<"):
        return pa.map_(*(_arrow_type(type) for _, type in _inner(name)))
    if name.startswith("array<"):
        return pa.list_(_arrow_type(name[6:-1]))
    if name.startswith("struct<"):
        return pa.struct([pa.field(inner, _arrow_type(type)) for inner, type in _inner(name)])
    return ARROW_TYPES[name]


def _delta_type(name: str) -> PrimitiveType | ArrayType | MapType | StructType:
    from deltalake import Field
    from deltalake.schema import ArrayType, MapType, PrimitiveType, StructType

    if name.startswith("map<"):
        key, value = (_delta_type(type) for _, type in _inner(name))
        return MapType(key, value, value_contains_null=True)
    if name.startswith("array<"):
        return ArrayType(_delta_type(name[6:-1]), contains_null=True)
    if name.startswith("struct<"):
        return StructType([Field(inner, _delta_type(type)) for inner, type in _inner(name)])
    return PrimitiveType(DELTA_TYPES.get(name, name))


def _inner(nested: str) -> list[tuple[str, str]]:
    """Return the names and types of what is in a struct, as in `struct<id:string,tags:array<string>>`, or in a map."""
    from pyspark.sql.types import MapType

    from shoplake.columns.schema import data_type  # most tables need not load PySpark's types

    type: Any = data_type(nested)
    if isinstance(type, MapType):
        return [("key", type.keyType.simpleString()), ("value", type.valueType.simpleString())]
    return [(field.name, field.dataType.simpleString()) for field in type.fields]
