"""The rows of the summary of quarantined records that the store has."""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from shoplake.engine import arrow_schema
from shoplake.serve.store.served_tables import QUARANTINE_REASONS

EXAMPLES = 3
"""Examples of each reason."""


def reason_rows(reasons: Iterable[Mapping[str, Any]]) -> pa.RecordBatchReader:
    """Return open records by table and reason as rows of the served table, with examples as one text."""
    rows = [{**row, "examples": "; ".join(map(_describe, row["examples"][:EXAMPLES]))} for row in reasons]
    return pa.Table.from_pylist(rows, schema=arrow_schema(QUARANTINE_REASONS)).to_reader()


def _describe(example: tuple[str, str]) -> str:
    value, place = example
    return f"{value} in {place}" if value else place
