"""Examples of quarantined records by reason: the values that a rule is about, with personal ones masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.engine import ViolationSample, rule_columns
from shoplake.quality.quarantine import OPEN, quarantined_rows
from shoplake.quality.quarantine_warnings import Headers, describe_example, find_field
from shoplake.record_text import place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import TableReader

EXAMPLES = 5
"""Examples of each reason."""
SHOWN = ("reason", "feed", "file", "line", "raw", "batch_id")


def quarantine_examples(
    engine: TableReader, catalog: Catalog, tables: Iterable[Table[...]], summary: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the rows of a summary by table and reason, each with `examples` of open records: text and place."""
    found = {table.qualified_name: _by_reason(engine, catalog, table) for table in tables}
    return [dict(row) | {"examples": found.get(row["table"], {}).get(row["reason"], [])} for row in summary]


def _by_reason(engine: TableReader, catalog: Catalog, table: Table[...]) -> dict[str, list[tuple[str, str]]]:
    if table.quarantine is None:
        return {}
    rows = quarantined_rows(engine, table, table.quarantine).where(F.col("state") == OPEN)
    first = Window.partitionBy("reason").orderBy("feed", "file", "line", "record_id")
    reasons = rows.withColumn("reason", F.explode("reasons")).withColumn("rank", F.row_number().over(first))
    chosen = reasons.where(F.col("rank") <= EXAMPLES).select(*SHOWN, "rank").orderBy("reason", "rank").collect()
    headers = Headers(engine, [catalog[name] for name in table.incremental])
    examples: dict[str, list[tuple[str, str]]] = {}
    for record in chosen:
        examples.setdefault(record.reason, []).append(_describe(table, record, headers))
    return examples


def _describe(table: Table[...], record: Any, headers: Headers) -> tuple[str, str]:
    """Return the value of a record that a rule is about, empty where none is known, and the record's place."""
    personal = {column.name for column in table.output_columns if column.personal}
    at = place(record.file, record.line)
    where = record.feed, record.batch_id, record.file, record.line, record.raw or ""
    sample, names = ViolationSample(*where, {}), rule_columns(table, record.reason)
    values = {name: find_field(sample, name, headers) for name in names}
    known = {name: str(value) for name, value in values.items() if value is not None}
    text = describe_example(record.reason, ViolationSample(*where, known), headers, personal)
    return ("" if text == at else text), at
