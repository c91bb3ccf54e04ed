"""Raw records: the bronze columns, parsing of text to typed fields, and type errors.

Parsers add two columns that stay with a row until its expectations are evaluated:

`_source`       origin of the record: `raw, file, line, batch_id, ingested_at`, and `problem`, why it cannot be read
`_type_errors`  the fields whose text does not fit their type, as rule names such as `quantity_fits_type`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.json import is_one_value, names_pattern, parse_json, quoted_name, unquoted_name
from shoplake.columns.text_cast import cast_text, has_ambiguous_zone, is_ascii
from shoplake.declare import col
from shoplake.sql_text import sql_literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column, DataFrame

RECORD = "_source"
TYPE_ERRORS = "_type_errors"
CELL_PART = r',"[^"]*"|"[^"]*"|,[^",][^,]*|,'
"""The first part of a cell with the comma before it, or the part behind a doubled quote; Java matches it in a loop."""
CELL_TEXT = r'[^,"\s]'
"""What most lines with a text have; only of others are the cells looked at."""
ESCAPE = "\u0001"
"""Marks where a cell begins (with a 1), and itself (with a 0), while a line is split."""
PARSED = "_parsed_"
DOUBLE_DIGITS = 15  # decimal digits that a double represents exactly

BRONZE_COLUMNS = (
    col("feed", "string", "The feed"),
    col(
        "raw",
        "string",
        "The record as text, unchanged; Parquet as JSON, Excel and other CSV dialects as CSV",
        personal="record",
    ),
    col("file", "string", "The file it arrived in, relative to the feed's folder"),
    col("line", "bigint", "The line or row it begins on there, from 1; null for Parquet"),
    col("header", "string", "CSV, Excel: the column names; else field names, on the first record of each shape"),
    col("problem", "string", "Why the reader could not read it (not_utf8, too_long …); null if it could"),
    col("batch_id", "string", "The batch it arrived in; later batches have greater ids"),
    col("ingested_at", "timestamp", "When that batch was ingested", unit="UTC"),
)
LINEAGE_COLUMNS = (
    col("payload_hash", "bigint", "xxHash64 of the raw record: distinguishes an exact repeat from a conflicting one"),
    col("batch_id", "string", "The batch it arrived in"),
    col("ingested_at", "timestamp", "When that batch was ingested", unit="UTC"),
)
"""Columns of silver tables that keep the link from a row to its raw record."""
VERSION_COLUMNS = (
    col("source_file", "string", "The file it arrived in, relative to the feed's folder"),
    col("version_line", "bigint", "The line of its record; null where the rows of a document are records of their own"),
)
"""Columns of silver tables whose documents are sent again: with `batch_id`, the version that a row is of."""


def json_record(
    raw: DataFrame, fields: str, *, numbers: Sequence[str] = (), strict: bool = False, body: str = "raw"
) -> DataFrame:
    """Parse JSON objects to text fields, e.g. `json_record(raw, "id string, lines array<struct<sku string>>")`.

    Fields are text, because a reader that casts turns text that does not fit into null silently. The fields in
    `numbers` keep all their digits. Returns `feed`, the fields and `_source`. A record that is no JSON object has the
    problem `is_json_object`; where `strict`, one with other fields has the problem `unknown_fields`. `body` is the
    column with the object, where that is a part of the record; it is returned, too.
    """
    names = field_names(fields)
    is_one = is_one_value(body)
    fields_struct = parse_json(_quoted(numbers, body) if "<" in fields else body, fields)
    parsed = raw.withColumn("_json", F.when(is_one, fields_struct))
    fields_of = {name: F.col(f"_json.{quoted_name(name)}") for name in names}
    all_null = F.lit(True)
    for each in fields_of.values():
        all_null = all_null & each.isNull()
    wrapped = parse_json(F.concat(F.lit('{"record":'), body, F.lit("}")), "record map<string,string>")
    is_object = F.when(all_null, wrapped.record.isNotNull()).otherwise(True) & is_one
    problem = F.coalesce("problem", F.when(~is_object, F.lit("is_json_object")))
    if strict:
        others = _without(F.expr(f"json_object_keys({body})"), names)
        problem = F.coalesce(problem, F.when(F.size(others) > 0, F.lit("unknown_fields")))
    is_flat = "<" not in fields
    texts = [_digits(name, body) if name in numbers and is_flat else fields_of[name] for name in names]
    cells = [text.alias(name) for text, name in zip(texts, names, strict=True)]
    return parsed.select("feed", *cells, *([] if body == "raw" else [body]), _record(problem))


def _quoted(numbers: Sequence[str], body: str) -> Column:
    """Quote the numbers of those names in a JSON text at any depth, because Sail reads numbers as doubles."""
    pattern = rf'"({names_pattern(numbers)})"\s*:\s*(-?[0-9][0-9.eE+-]*)'
    return F.regexp_replace(body, pattern, '"$1":"$2"') if numbers else F.col(body)


def _digits(name: str, body: str) -> Column:
    """Return a number's text, parsed from the quoted text only where it is long: quoting every record costs more."""
    short = F.col(f"_json.{quoted_name(name)}")
    long = parse_json(_quoted([name], body), f"{quoted_name(name)} string")[name]
    return F.when(F.length(short) > DOUBLE_DIGITS, long).otherwise(short)


def csv_record(raw: DataFrame, names: Sequence[str], *, strict: bool = False) -> DataFrame:
    """Parse CSV lines to the text fields `names` by each file's header; empty cells are null.

    Returns `feed`, the fields and `_source`. A line of empty cells has the problem `blank_row`, one with another number
    of cells than the header `fields_fit_header`; where `strict`, a record of a file with other fields has the problem
    `unknown_fields`. All fields of a record with a problem are null.
    """
    split = raw.withColumns({"_cells": csv_cells("raw"), "_header": csv_cells("header")})
    fits = F.coalesce(F.size("_cells") == F.size("_header"), F.lit(False))
    is_blank = F.when(~F.col("raw").rlike(CELL_TEXT), F.trim(F.array_join("_cells", "")) == "")
    problem = F.coalesce("problem", F.when(is_blank, F.lit("blank_row")), F.when(~fits, F.lit("fields_fit_header")))
    if strict:
        others = _without(F.col("_header"), names)
        problem = F.coalesce(problem, F.when(F.size(others) > 0, F.lit("unknown_fields")))
    places = [f"int(array_position(_header, {sql_literal(name)})) - 1" for name in names]
    cells = [F.expr(f"nullif(trim(get(_cells, {place})), '')") for place in places]
    known = [F.when(problem.isNull(), cell).alias(name) for cell, name in zip(cells, names, strict=True)]
    return split.select("feed", *known, _record(problem))


def filter_parsed(rows: DataFrame, condition: Column) -> DataFrame:
    """Keep the rows for which the condition is true.

    Unlike `where`, the condition is not pushed down: Sail would push it to the scan of the file, where it cannot
    evaluate CSV cells.
    """
    once = F.array_repeat(F.lit(True), F.when(condition, 1).otherwise(0))
    return rows.select("*", F.explode(once).alias("_repeat")).drop("_repeat")


def csv_cells(line: str) -> Column:
    """Split a line of CSV (RFC 4180) into an array of unquoted texts; null if its quotes do not pair."""
    escaped = F.replace(F.concat(F.lit(","), line), F.lit(ESCAPE), F.lit(f"{ESCAPE}0"))
    parts = F.regexp_extract_all(escaped, F.lit(CELL_PART), F.lit(0))
    is_complete = F.array_join(parts, "") == escaped
    cells = F.split(F.substr(F.array_join(F.transform(parts, _unquote), ""), F.lit(3)), f"{ESCAPE}1")
    texts = F.transform(cells, lambda cell: F.replace(cell, F.lit(f"{ESCAPE}0"), F.lit(ESCAPE)))
    return F.when(F.instr(line, '"') == 0, F.split(line, ",")).when(is_complete, texts)


def type_errors(*names: str, **types: str) -> Column:
    """Build `_type_errors`: the text columns whose text does not fit a SQL type, of `types` and of `with_parsed`."""
    values = {name: parsed(name) for name in names} | {name: parse_as(name, type) for name, type in types.items()}
    errors = [F.when(F.col(name).isNotNull() & value.isNull(), f"{name}_fits_type") for name, value in values.items()]
    return F.array_compact(F.array(*errors)).alias(TYPE_ERRORS)


def with_parsed(rows: DataFrame, **types: str) -> DataFrame:
    """Add what `parsed` returns for the text columns in `types`: an engine plans each use of `parse_as` anew."""
    return rows.withColumns({f"{PARSED}{name}": parse_as(name, type) for name, type in types.items()})


def parsed(name: str) -> Column:
    """Return what `with_parsed` has parsed from the text column `name`."""
    return F.col(f"{PARSED}{name}")


def parse_as(text: str, type: str) -> Column:
    """Parse the text column `text` as the SQL type `type`; null where it does not fit (see `type_errors`).

    An integer may have a fraction of zeros: `2.0` is 2. A decimal may have an exponent, as in `1e-05`; money is less
    than ten billion. A timestamp needs its date and may omit its seconds; a date has no time part. Both are of the
    years 1 to 9999, in UTC: other Delta readers have no others.
    """
    if type.startswith("decimal"):
        bounded = money.OF_A_RECORD.get(type, type)
        exact = cast_text(F.col(text), bounded)
        return exact if bounded == type else exact.cast(type)
    plain = cast_text(F.col(text), type)
    if type == "date":
        return F.when(is_in_calendar(plain) & (F.instr(text, "T") == 0), plain)
    if type == "timestamp":
        return _timestamp(text)
    if type not in ("int", "bigint"):
        return plain
    is_whole = F.col(text).rlike(r"^[+-]?[0-9]+[.]0+\z")
    return F.coalesce(plain, F.when(is_whole, F.substring_index(text, ".", 1).try_cast(type)))


def _timestamp(text: str) -> Column:
    """Parse an ASCII text with a day as a timestamp, whether it has seconds or not."""
    has_day = F.col(text).like("____-__-%") & is_ascii(F.col(text)) & ~has_ambiguous_zone(F.col(text))
    with_seconds = F.concat(F.substring(text, 1, 16), F.lit(":00"), F.substring(text, 17, 9)).try_cast("timestamp")
    at = F.coalesce(F.col(text).try_cast("timestamp"), F.when(F.col(text).like("_" * 13 + ":%"), with_seconds))
    return F.when(is_in_calendar(at) & has_day, at)  # in another order Sail parses each text three times


def is_in_calendar(at: Column) -> Column:
    """Whether a date or timestamp is of the years 1 to 9999; it is named once, because it may be a long expression."""
    return F.abs(F.year(at) - 5000) < 5000


def null_if_empty(text: str) -> Column:
    """Return the text column, null where it is empty."""
    return F.nullif(text, F.lit(""))


def payload_hash() -> Column:
    """Hash the raw text with xxHash64; the result is the same on every engine."""
    return F.xxhash64(f"{RECORD}.raw").alias("payload_hash")


def with_version(rows: DataFrame) -> DataFrame:
    """Fill `source_file`, and where a kind does not map them, `payload_hash`, `batch_id` and `ingested_at`."""
    record = F.col(RECORD)
    return rows.withColumns(
        {
            "source_file": record.file,
            "payload_hash": F.coalesce("payload_hash", F.xxhash64(record.raw)),
            "batch_id": F.coalesce("batch_id", record.batch_id),
            "ingested_at": F.coalesce("ingested_at", record.ingested_at),
        }
    )


def _unquote(part: Column) -> Column:
    """Return what a part of a cell says; the mark of a new cell before its first one."""
    bare = F.regexp_replace(part, "^,", "")
    inside = F.substr(bare, F.lit(2), F.length(bare) - 2)
    text = F.when(bare.startswith('"'), inside).otherwise(bare)
    return F.when(part.startswith(","), F.concat(F.lit(f"{ESCAPE}1"), text)).otherwise(F.concat(F.lit('"'), text))


def _without(fields: Column, names: Sequence[str]) -> Column:
    """Return the names that are not in `names`; the casts exist because Sail requires arrays of exactly one type."""
    texts = "array<string>"
    return F.array_except(fields.cast(texts), F.array(*map(F.lit, names)).cast(texts))


def _record(problem: Column) -> Column:
    return F.struct("raw", "file", "line", "batch_id", "ingested_at", problem.alias("problem")).alias(RECORD)


def field_names(fields: str) -> tuple[str, ...]:
    """Return the top-level field names of a DDL text, where some are in backticks; not those inside angle brackets."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(fields):
        depth += (letter == "<") - (letter == ">")
        if letter == "," and depth == 0:
            parts.append(fields[start:at].strip())
            start = at + 1
    return tuple(unquoted_name(part) for part in (*parts, fields[start:].strip()))
