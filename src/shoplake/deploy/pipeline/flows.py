"""The queries of a declarative pipeline: what the files of a generated pipeline call, a table a call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.schema import struct_type
from shoplake.declare import OnDemand
from shoplake.deploy.pipeline import whole_tables
from shoplake.deploy.pipeline.bronze_stream import bronze_stream
from shoplake.lake import Lake
from shoplake.project import check_mappings

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

    from shoplake.declare import Table

SETTINGS = "shoplake.toml"


class PipelineFlows:
    """The queries of the tables of a lake, over the tables of a pipeline by their names `layer.table`.

    `file` is a file of the generated pipeline; the settings lie in the folder above it.
    """

    def __init__(self, session: SparkSession, file: str) -> None:
        lake = Lake.open(Path(file).resolve().parents[1] / SETTINGS)
        self._session, self._catalog, self._feeds = session, lake.catalog, lake.settings.feeds
        if own := lake.project.own_kinds:
            check_mappings(self._catalog, self._feeds, own, session)

    def records(self, name: str) -> DataFrame:
        """Return the raw records of all files of a bronze table, as a stream."""
        return bronze_stream(self._session, self._catalog[name], self._feeds)

    def evaluated(self, name: str) -> DataFrame:
        """Return the rows of a table of records with the rules that each violates."""
        return whole_tables.evaluate(self._catalog[name], self.rows(name))

    def winners(self, name: str) -> DataFrame:
        """Return the rows that a table keeps of those of its view of evaluated rows."""
        return whole_tables.winners(self._catalog[name], self._session.read.table(evaluated_name(self._catalog[name])))

    def quarantine(self, name: str) -> DataFrame:
        """Return the invalid rows of a table's view of evaluated rows."""
        table = self._catalog[name]
        return whole_tables.quarantine(table, self._session.read.table(evaluated_name(table)))

    def rows(self, name: str) -> DataFrame:
        """Return what a table's function makes of the pipeline's tables, with the declared types."""
        table = self._catalog[name]
        inputs = {each: self._read(self._catalog[each]) for each in table.inputs}
        built = whole_tables.build(table, inputs, self._feeds)
        return built if table.write.evaluates_records else whole_tables.typed(table, built)

    def changes(self, name: str) -> DataFrame:
        """Return the valid changes of a history as a stream: what AUTO CDC of Databricks makes versions of."""
        table = self._catalog[name]
        inputs = {each: self._session.readStream.table(self._catalog[each].qualified_name) for each in table.inputs}
        evaluated = whole_tables.evaluate(table, whole_tables.build(table, inputs, self._feeds))
        return whole_tables.valid(table, evaluated)

    def sequence(self, names: list[str]) -> Column:
        """Return the columns that order the changes of a history, as one."""
        return F.struct(*names)

    def versions(self, name: str, target: str) -> DataFrame:
        """Return the versions that AUTO CDC of Databricks keeps in `target`, with the columns of the history."""
        table = self._catalog[name]
        return whole_tables.named_versions(table, self._session.read.table(target))

    def _read(self, table: Table[...]) -> DataFrame:
        """Return a table of the pipeline; no rows of one that commands of its own write."""
        if isinstance(table.write, OnDemand):
            return self._session.createDataFrame([], struct_type(table.types_ddl))
        return self._session.read.table(table.qualified_name)


def evaluated_name(table: Table[...]) -> str:
    """Return the name of the temporary view of a table's evaluated rows."""
    return f"{table.layer}_{table.name}_evaluated"
