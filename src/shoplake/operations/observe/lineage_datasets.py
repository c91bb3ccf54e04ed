"""Datasets of OpenLineage events: tables with their columns and counts, and landing folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.engine import is_in_catalog, is_remote, null_counts, row_count, table_exists, table_size

if TYPE_CHECKING:
    from shoplake.declare import Feeds, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import TableReader, WriteResult

PRODUCER = "https://github.com/shoplake/shoplake"
SPEC = "https://openlineage.io/spec"
SCHEME = "s3://"
Dataset = dict[str, Any]


class LineageDatasets:
    """Names datasets as OpenLineage does: by file system or bucket and path, or by their names in a catalog."""

    def __init__(self, engine: TableReader, catalog: Catalog, feeds: Feeds) -> None:
        self._engine, self._catalog, self._feeds = engine, catalog, feeds

    def dataset(self, table: Table[...]) -> Dataset:
        """Return a table with its columns."""
        fields = [{"name": each.name, "type": each.type, "description": each.meaning} for each in table.columns]
        return _named(self._engine.path(table)) | {
            "facets": {"schema": facet("1-0-0/SchemaDatasetFacet", fields=fields)}
        }

    def inputs(self, table: Table[...]) -> list[Dataset]:
        """Return what a table is made from: tables, or the landing folders of the feeds with files for it."""
        if table.inputs:
            return [self.dataset(self._catalog[name]) for name in table.inputs]
        feeds = (each for each in self._feeds if table.name in {stream.into for stream in each.kind.streams})
        return [_named(each.path) | {"facets": {}} for each in feeds]

    def written(self, table: Table[...], result: WriteResult) -> Dataset:
        """Return a table with the rows that were written, and its rows, size and nulls by column."""
        path = self._engine.path(table)
        dataset = self.dataset(table)
        statistics = facet("1-0-1/OutputStatisticsOutputDatasetFacet", rowCount=result.rows_written)
        if table_exists(path):
            files, size = table_size(path)
            known = {name: nulls for name, nulls in null_counts(path).items() if nulls is not None}
            dataset["facets"]["dataQualityMetrics"] = facet(
                "1-0-0/DataQualityMetricsDatasetFacet",
                rowCount=row_count(path),
                bytes=size,
                fileCount=files,
                columnMetrics={name: {"nullCount": nulls} for name, nulls in known.items()},
            )
        return dataset | {"outputFacets": {"outputStatistics": statistics}}

    def checked(self, table: Table[...], result: WriteResult) -> Dataset:
        """Return a table with its rules, and whether all rows of a write satisfied each."""
        assertions = [
            {"assertion": each.name, "success": not result.violations.get(each.name)} for each in table.expectations
        ]
        quality = facet("1-0-1/DataQualityAssertionsDatasetFacet", assertions=assertions)
        return self.dataset(table) | {"inputFacets": {"dataQualityAssertions": quality}}


def facet(schema: str, **values: Any) -> dict[str, Any]:
    """Return a facet with its producer and the address of its schema, e.g. `1-0-0/SchemaDatasetFacet`."""
    name = schema.partition("/")[2]
    return {"_producer": PRODUCER, "_schemaURL": f"{SPEC}/facets/{schema}.json#/$defs/{name}", **values}


def _named(url: str) -> Dataset:
    if is_in_catalog(url):
        return {"namespace": "catalog", "name": str(url)}
    if not is_remote(url):
        return {"namespace": "file", "name": url}
    bucket, _, key = url.removeprefix(SCHEME).partition("/")
    return {"namespace": f"{SCHEME}{bucket}", "name": key or "/"}
