"""The tables that a declarative pipeline cannot have, each with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkException

from shoplake.columns.schema import struct_type
from shoplake.declare import OnDemand
from shoplake.deploy.pipeline import whole_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Feeds, Table
    from shoplake.declare.catalog import Catalog

EAGER = {
    "drop": "drop()",
    "deduplicate": "dropDuplicates()",
    "fill_na": "fillna()",
    "drop_na": "dropna()",
    "replace": "replace()",
    "to_schema": "to()",
    "group_map": "applyInPandas()",
    "co_group_map": "cogroup()",
}
"""Relations that Spark 4.2 resolves while a flow is defined, when its inputs do not exist yet."""


def find_refusals(catalog: Catalog, feeds: Feeds, session: SparkSession) -> dict[str, str]:
    """Return the tables that cannot be expressed, by name, with the reason; those that read one are among them."""
    refused: dict[str, str] = {}
    for table in catalog.ordered:
        reason = _own_reason(table, catalog, feeds, session) or _inherited_reason(table, catalog, refused)
        if reason is not None:
            refused[table.name] = reason
    return refused


def _inherited_reason(table: Table[...], catalog: Catalog, refused: dict[str, str]) -> str | None:
    missing = [name for name in table.inputs if name in refused and not isinstance(catalog[name].write, OnDemand)]
    return f"reads {catalog[missing[0]].qualified_name}, which is left out" if missing else None


def _own_reason(table: Table[...], catalog: Catalog, feeds: Feeds, session: SparkSession) -> str | None:
    if isinstance(table.write, OnDemand):
        return f"is written by `{table.write.command}`, and not by runs"
    if table.write.reads_files:
        return None
    inputs = {name: session.createDataFrame([], struct_type(catalog[name].types_ddl)) for name in table.inputs}
    try:
        rows = whole_tables.build(table, inputs, feeds)
        if table.write.evaluates_records:
            rows = whole_tables.winners(table, whole_tables.evaluate(table, rows))
    except PySparkException as error:
        return f"cannot be resolved before its inputs exist: {str(error).splitlines()[0]}"
    found = [EAGER[name] for name in relations(rows) if name in EAGER]
    return f"uses {found[0]}, which Spark resolves before its inputs exist" if found else None


def relations(rows: DataFrame) -> list[str]:
    """Return the kinds of the relations of a plan of Spark Connect."""
    plan: Any = rows
    return list(_kinds(plan._plan.to_proto(plan.sparkSession.client).root))


def _kinds(message: Any) -> Iterator[str]:
    if message.DESCRIPTOR.name == "Relation":
        yield message.WhichOneof("rel_type")
    for _, value in message.ListFields():
        for each in value if hasattr(value, "__iter__") and not isinstance(value, str | bytes) else (value,):
            if hasattr(each, "DESCRIPTOR"):
                yield from _kinds(each)
