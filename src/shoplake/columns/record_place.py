"""Where a raw record lies: its feed, file and line, which with its text are its identity, and when it arrived.

Of records without a time of their own, the one that arrived later counts: in the later batch, in a batch in the later
file, and in a file on the later line. `arrival_order` is that order, wherever it is needed.

A corrected record takes the place of the record that it replaces. Bronze says so in its `file`:
`_fixes/<id of the fix>.ndjson/<id of the record>/<batch>/<file>`, where the last three are those of the record as it
was landed, also where a correction is corrected. Its `line` is that of the landed record.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, with_version
from shoplake.declare import col
from shoplake.declare.modes.mode import ARRIVAL
from shoplake.sql_text import sql_literal

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import StructType

ARRIVAL_COLUMNS = (
    col("source_file", "string", "The file it arrived in, relative to the feed's folder"),
    col("version_line", "bigint", "The line or row it begins on there; null for Parquet"),
)
"""Columns of silver tables of which the row that arrived last counts, where it has no time of its own."""

OWN_BATCH = "own_batch"
"""What `_source` of a joined record has beside `batch_id`, which its last part arrived in: the record's own batch."""

FIXES = "_fixes"
"""The folder of corrected records in a lake: in a landing folder other lakes would ingest them, too."""
ID_LENGTH, BATCH_LENGTH = 16, 10
FIX_END = f"{FIXES}/{'x' * ID_LENGTH}.ndjson/"
"""As long as what is before the id of a record in such a file."""
ID_AT = len(FIX_END) + 1
BATCH_AT = ID_AT + ID_LENGTH + 1
FILE_AT = BATCH_AT + BATCH_LENGTH + 1
"""Where the id, the batch and the file begin, from 1."""

ORDER_DIGITS = 20
"""Digits that numbers in the names of files are compared by."""
BEFORE_NAME, FOR_POINT = "\u0001", "\u0002"
"""What stands between the place of a file and its name, and for a point, which is before all else that a name has."""


def corrected_file(fix: str, record_id: str, batch: str, file: str) -> str:
    """Return the `file` of a record that the file `fix` of a lake corrects; one that is corrected again keeps its own.

    `record_id`, `batch` and `file` are those of the record that is replaced.
    """
    if is_corrected_file(file):
        return f"{fix}/{file[ID_AT - 1 :]}"
    return f"{fix}/{record_id}/{batch}/{file}"


def is_corrected_file(file: str) -> bool:
    """Whether a bronze `file` is that of a corrected record."""
    return file.startswith(f"{FIXES}/") and file[ID_AT - 9 : ID_AT - 1] == ".ndjson/"


def landed_file(file: str) -> str:
    """Return the landed file of a bronze `file`."""
    return file[FILE_AT - 1 :] if is_corrected_file(file) else file


def fix_file(file: str) -> str:
    """Return the file of corrections of a bronze `file`; one without corrections is itself."""
    return file[: ID_AT - 2] if is_corrected_file(file) else file


def is_corrected() -> Column:
    """Whether a record of bronze is a corrected one."""
    return F.col("file").startswith(f"{FIXES}/") & (F.substring("file", ID_AT - 8, 8) == ".ndjson/")


def landed_place() -> Column:
    """Return the landed file of a record of bronze."""
    return F.when(is_corrected(), F.expr(f"substring(file, {FILE_AT})")).otherwise(F.col("file"))


def landed_batch() -> Column:
    """Return the batch of the landed record of a corrected one."""
    return F.substring("file", BATCH_AT, BATCH_LENGTH)


def landed_id() -> Column:
    """Return the id of the landed record of a corrected one."""
    return F.substring("file", ID_AT, ID_LENGTH)


def record_id() -> Column:
    """Return the id of a raw record: 16 hex digits of the SHA-256 of its feed, file, line and text.

    It does not depend on the batch, which may be formed otherwise after an interruption. Records of Parquet files have
    no line: of equal ones in a file all have the same id.
    """
    cells = [F.coalesce(cell, F.lit("")) for cell in (F.col("feed"), landed_place(), F.col("line").cast("string"))]
    return F.substring(F.sha2(F.concat_ws("\u001f", *cells, F.coalesce("raw", F.lit(""))), 256), 1, ID_LENGTH)


def record_id_of(feed: str, file: str, line: int | None, raw: str) -> str:
    """Return what `record_id` returns for such a record."""
    cells = feed, landed_file(file), "" if line is None else str(line), raw
    return hashlib.sha256("\u001f".join(cells).encode()).hexdigest()[:ID_LENGTH]


def arrival_order(batch: str = ARRIVAL[0], file: str = ARRIVAL[1], line: str = ARRIVAL[2]) -> str:
    """Return the SQL expression of a text by which records are in the order in which they arrived.

    `batch`, `file` and `line` are names in SQL. A record without a line is before those of its file that have one.
    """
    number = f"coalesce(lpad(CAST({line} AS STRING), {ORDER_DIGITS}, '0'), '')"
    return f"concat_ws({sql_literal(BEFORE_NAME)}, coalesce({batch}, ''), {file_order(file)}, {number})"


def has_own_batch(rows: DataFrame) -> bool:
    """Whether rows are of joined records; the engine is asked."""
    return is_joined(rows.schema)


def is_joined(schema: StructType) -> bool:
    """Whether rows of a schema are of joined records, with a batch of their own beside that of their last part."""
    return RECORD in schema.names and OWN_BATCH in getattr(schema[RECORD].dataType, "names", ())


def with_arrival(rows: DataFrame) -> DataFrame:
    """Fill `ARRIVAL_COLUMNS`, and where a kind does not map them, the columns of lineage."""
    return with_version(rows).withColumn("version_line", F.col(f"{RECORD}.line"))


def arrival_of_undated(
    at: str,
    arrived_at: str = "ingested_at",
    batch: str = ARRIVAL[0],
    file: str = ARRIVAL[1],
    line: str = ARRIVAL[2],
) -> str:
    """Return the SQL expression of `arrival_order` for rows whose time `at` is that of their arrival, else of null.

    Records of one run all arrived at one time. Where a row has a time of its own, the order of arrival says nothing.
    """
    return f"CASE WHEN {at} = {arrived_at} THEN {arrival_order(batch, file, line)} END"


def file_and_line(arrived: Column) -> tuple[Column, Column]:
    """Return the file and the line of what `arrival_order` returned."""
    parts = F.split(arrived, BEFORE_NAME)
    return F.get(parts, F.lit(2)), F.get(parts, F.lit(3)).try_cast("bigint")


def file_order(file: str) -> str:
    """Return the SQL expression of a text by which the files of one batch are in order: by name, by value of numbers.

    `orders-9.csv` is before `orders-10.csv`, and `orders.csv` before `orders (1).csv` and `orders-2.csv`.
    """
    name = f"coalesce({file}, '')"
    place = f"replace({name}, '.', {sql_literal(FOR_POINT)})"
    padded = f"regexp_replace({place}, '([0-9]+)', '{'0' * ORDER_DIGITS}$1')"
    cut = f"regexp_replace({padded}, '[0-9]*([0-9]{{{ORDER_DIGITS}}})', '$1')"
    return f"concat_ws({sql_literal(BEFORE_NAME)}, {cut}, {name})"


def file_order_of(file: str) -> str:
    """Return what `file_order` returns for such a name."""
    place = re.sub("[0-9]+", lambda digits: digits[0].zfill(ORDER_DIGITS)[-ORDER_DIGITS:], file)
    return f"{place.replace('.', FOR_POINT)}{BEFORE_NAME}{file}"
