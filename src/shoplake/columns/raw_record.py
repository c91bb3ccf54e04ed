"""A raw record: what bronze keeps of it, how its text becomes fields, and what did not fit.

Readers add two columns that travel with a row until it is judged:

`_record`   where it came from: `raw, file, line, batch_id, ingested_at`, and `problem`, why it cannot be read
`_misfits`  the fields whose text does not fit their type, as rule names such as `quantity_fits_type`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.json import is_one_value, parsed_json
from shoplake.declare import col

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column, DataFrame

RECORD = "_record"
TYPE_ERRORS = "_misfits"
DOUBLE_DIGITS = 15
"""So many decimal digits a double holds exactly."""

BRONZE_COLUMNS = (
    col("feed", "string", "Which shop's stream"),
    col("raw", "string", "The record as text, unchanged; for Parquet its JSON"),
    col("file", "string", "The file it arrived in, relative to the feed's folder"),
    col("line", "bigint", "The line it begins on there, from 1; null for Parquet"),
    col("header", "string", "CSV: the file's first line; else field names, on the first record of each shape"),
    col("problem", "string", "Why the reader could not read it (not_utf8, too_long …); null if it could"),
    col("batch_id", "string", "The batch it arrived in; later batches have greater ids"),
    col("ingested_at", "timestamp", "When that batch was taken in", unit="UTC"),
)


def json_record(raw: DataFrame, fields: str, *, numbers: Sequence[str] = (), strict: bool = False) -> DataFrame:
    """The fields of JSON objects as text, e.g. `json_record(raw, "id string, lines array<struct<sku string>>")`.

    Text, not types: a reader that casts turns what does not fit into null without a word. The fields called `numbers`
    keep all their digits. Where `strict`, a record with other fields has the problem `unknown_fields`.
    """
    names = field_names(fields)
    is_one = is_one_value("raw")
    said = parsed_json(_quoted(numbers) if "<" in fields else "raw", fields)
    parsed = raw.withColumn("_json", F.when(is_one, said))
    nothing = F.lit(True)
    for name in names:
        nothing = nothing & F.col(f"_json.{name}").isNull()
    within = parsed_json(F.concat(F.lit('{"record":'), "raw", F.lit("}")), "record map<string,string>")
    is_object = F.when(nothing, within.record.isNotNull()).otherwise(True) & is_one
    problem = F.coalesce("problem", F.when(~is_object, F.lit("is_json_object")))
    if strict:
        others = _without(F.expr("json_object_keys(raw)"), names)
        problem = F.coalesce(problem, F.when(F.size(others) > 0, F.lit("unknown_fields")))
    texts = [_digits(name) if name in numbers and "<" not in fields else F.col(f"_json.{name}") for name in names]
    return parsed.select("feed", *[text.alias(name) for text, name in zip(texts, names, strict=True)], _record(problem))


def _quoted(numbers: Sequence[str]) -> Column:
    """The raw record with the numbers of those names as texts, at any depth, because Sail reads numbers as doubles."""
    named = rf'"({"|".join(numbers)})"\s*:\s*(-?[0-9][0-9.eE+-]*)'
    return F.regexp_replace("raw", named, '"$1":"$2"') if numbers else F.col("raw")


def _digits(name: str) -> Column:
    """A number's text; where it is long, of the quoted record: quoting all numbers costs more than to look at a few."""
    short = F.col(f"_json.{name}")
    long = parsed_json(_quoted([name]), f"{name} string")[name]
    return F.when(F.length(short) > DOUBLE_DIGITS, long).otherwise(short)


def csv_record(raw: DataFrame, names: Sequence[str], *, strict: bool = False) -> DataFrame:
    """The fields called `names` of CSV lines as text, found by each file's header; empty ones are null.

    So are all of a record with a problem, because nobody knows which is which.

    Where `strict`, a record of a file with other fields has the problem `unknown_fields`.
    """
    split = raw.withColumns({"_cells": csv_cells("raw"), "_header": csv_cells("header")})
    fits = F.coalesce(F.size("_cells") == F.size("_header"), F.lit(False))
    problem = F.coalesce("problem", F.when(~fits, F.lit("fields_fit_header")))
    if strict:
        others = _without(F.col("_header"), names)
        problem = F.coalesce(problem, F.when(F.size(others) > 0, F.lit("unknown_fields")))
    cells = [F.expr(f"nullif(trim(get(_cells, int(array_position(_header, '{name}')) - 1)), '')") for name in names]
    known = [F.when(problem.isNull(), cell).alias(name) for cell, name in zip(cells, names, strict=True)]
    return split.select("feed", *known, _record(problem))


def filter_parsed(rows: DataFrame, condition: Column) -> DataFrame:
    """The rows of which the condition is true.

    As `where`, but a condition on fields of a record stays where it is: Sail would carry it down to the scan of the
    file, where it does not understand CSV's cells.
    """
    once = F.array_repeat(F.lit(True), F.when(condition, 1).otherwise(0))
    return rows.select("*", F.explode(once).alias("_kept")).drop("_kept")


def csv_cells(line: str) -> Column:
    """The cells of a line of CSV (RFC 4180) as an array of texts, unquoted; null if its quotes do not pair."""
    plain = F.split(line, ",")
    led = F.concat(F.lit(","), line)
    cells = F.regexp_extract_all(led, F.lit(r',("(?:[^"]|"")*"|[^",][^,]*|)'), F.lit(0))
    whole = F.array_join(cells, "") == led
    inner = F.transform(cells, _unquoted)
    return F.when(F.instr(line, '"') == 0, plain).when(whole, inner)


def type_errors(**types: str) -> Column:
    """`_misfits`: which of the text columns `types` names hold text that does not fit its SQL type."""
    found = [
        F.when(F.col(name).isNotNull() & parse_as(name, type).isNull(), F.lit(f"{name}_fits_type"))
        for name, type in types.items()
    ]
    return F.array_compact(F.array(*found)).alias(TYPE_ERRORS)


def parse_as(text: str, type: str) -> Column:
    """The text column `text` as `type`; null where it does not fit (`misfits` says so).

    A whole number may be written with a fraction of zeros, as programs do that know only floats: `2.0` is 2. A decimal
    may have an exponent, as in `1e-05`. A time needs its day, and may leave out its
    seconds; a day has no time behind it.
    """
    plain = F.col(text).try_cast(type)
    if type.startswith("decimal"):
        return _exact(text, type)
    if type == "date":
        return F.when(F.instr(text, "T") == 0, plain)
    if type == "timestamp":
        has_day = (F.substring(text, 5, 1) == "-") & (F.substring(text, 8, 1) == "-")
        with_seconds = F.concat(F.substring(text, 1, 16), F.lit(":00"), F.substring(text, 17, 9)).try_cast(type)
        return F.when(has_day, F.coalesce(plain, F.when(F.substring(text, 14, 1) == ":", with_seconds)))
    if type not in ("int", "bigint"):
        return plain
    is_whole = F.col(text).rlike(r"^[+-]?[0-9]+[.]0+\z")
    return F.coalesce(plain, F.when(is_whole, F.substring_index(text, ".", 1).try_cast(type)))


def _exact(text: str, type: str) -> Column:
    """The text as a decimal, of ASCII alone: other digits and spaces are what one engine takes for such and one not."""
    is_ascii = F.octet_length(text) == F.length(text)
    has_exponent = F.col(text).rlike(r"^[+-]?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+\z")
    with_exponent = F.when(has_exponent, F.col(text).try_cast("double").try_cast(type))
    return F.when(is_ascii, F.coalesce(F.col(text).try_cast(type), with_exponent))


def null_if_empty(text: str) -> Column:
    """The text column, null where it is empty."""
    return F.nullif(text, F.lit(""))


def payload_hash() -> Column:
    """A number that differs for records that differ, the same on every engine (xxHash64 of the raw text)."""
    return F.xxhash64(f"{RECORD}.raw").alias("payload_hash")


def _unquoted(cell: Column) -> Column:
    bare = F.substr(cell, F.lit(2))
    inside = F.substr(bare, F.lit(2), F.length(bare) - 2)
    return F.when(bare.startswith('"'), F.replace(inside, F.lit('""'), F.lit('"'))).otherwise(bare)


def _without(found: Column, names: Sequence[str]) -> Column:
    """The names that are not among those known, cast because Sail takes only arrays of the very same type."""
    texts = "array<string>"
    return F.array_except(found.cast(texts), F.array(*map(F.lit, names)).cast(texts))


def _record(problem: Column) -> Column:
    return F.struct("raw", "file", "line", "batch_id", "ingested_at", problem.alias("problem")).alias(RECORD)


def field_names(fields: str) -> tuple[str, ...]:
    """The names of the fields of a DDL text, not of those inside their angle brackets."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(fields):
        depth += (letter == "<") - (letter == ">")
        if letter == "," and depth == 0:
            parts.append(fields[start:at].strip())
            start = at + 1
    return tuple(part.split()[0] for part in (*parts, fields[start:].strip()))
