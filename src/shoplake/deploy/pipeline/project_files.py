"""The files of a generated declarative pipeline: a module a layer, its specification and how it is run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from shoplake.declare import LAYERS, Scd2
from shoplake.deploy.pipeline.databricks_tables import expectations, history
from shoplake.deploy.pipeline.flows import evaluated_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from shoplake.declare import Table

HEAD = '''\
"""The {layer} tables of the lake. Written by `shoplake deploy pipeline`: write it again after a change."""

from pyspark import pipelines as dp
from pyspark.sql import SparkSession

from shoplake.deploy.pipeline.flows import PipelineFlows

flows = PipelineFlows(SparkSession.active(), __file__)
'''
README = """\
# A declarative pipeline of a lake

Written by `shoplake deploy pipeline`: write it again after a change of tables, feeds or settings.

{tables} tables: bronze as streaming tables over the feeds' files, silver and gold as materialised views. Each calls the
function of the table in shoplake, so that `shoplake` has to be installed where the pipeline is defined and where its
functions run. `shoplake.toml` has the feeds.

    {run}

Files of records are read once each, by path; a file that changes is not read again. What people decided of quarantined
records (`shoplake quarantine fix`) is not applied. The batch of a record is the time of its file.
{refused}"""
RUN = {
    False: "spark-sql -f setup.sql && spark-pipelines run --spec spark-pipeline.yml",
    True: "databricks pipelines create --json @pipeline.json",
}


def pipeline_files(
    tables: Iterable[Table[...]], refused: dict[str, str], folder: Path, *, databricks: bool
) -> dict[str, str]:
    """Return the files of a pipeline of some tables by their paths; `folder` is where they will be."""
    tables = tuple(tables)
    files = {f"transformations/{layer}.py": _module(layer, tables, databricks=databricks) for layer in LAYERS}
    left_out = "".join(f"\n- `{name}` {reason}" for name, reason in sorted(refused.items()))
    refusals = f"\nLeft out:\n{left_out}\n" if refused else ""
    files["README.md"] = README.format(tables=len(tables), run=RUN[databricks], refused=refusals)
    if databricks:
        return files | {"pipeline.json": _databricks_specification()}
    files["setup.sql"] = "".join(f"CREATE SCHEMA IF NOT EXISTS {layer};\n" for layer in LAYERS)
    return files | {"spark-pipeline.yml": _specification(folder)}


def _specification(folder: Path) -> str:
    """Return the specification as JSON, which is YAML."""
    values = {
        "name": "shoplake",
        "storage": (folder.resolve() / "storage").as_uri(),
        "libraries": [{"glob": {"include": "transformations/**"}}],
        "configuration": {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"},
    }
    return json.dumps(values, indent=2) + "\n"


def _databricks_specification() -> str:
    values = {
        "name": "shoplake",
        "serverless": True,
        "catalog": "shop",
        "schema": "silver",
        "libraries": [{"glob": {"include": "transformations/**"}}],
        "environment": {"dependencies": ["shoplake"]},
        "configuration": {"spark.sql.session.timeZone": "UTC"},
    }
    return json.dumps(values, indent=2) + "\n"


def _module(layer: str, tables: Iterable[Table[...]], *, databricks: bool) -> str:
    parts = [_definitions(table, databricks=databricks) for table in tables if table.layer == layer]
    return "\n\n".join([HEAD.format(layer=layer), *("\n\n".join(part) for part in parts)])


def _definitions(table: Table[...], *, databricks: bool) -> Iterator[str]:
    """Yield the definitions of a table: its view of evaluated rows, itself and its quarantine."""
    if table.layer == "bronze":
        yield _definition("table", table, f"flows.records({table.name!r})")
        return
    if not table.write.evaluates_records:
        yield _definition("materialized_view", table, f"flows.rows({table.name!r})")
        return
    view = evaluated_name(table)
    rules = expectations(table) if databricks else ""
    yield f"@dp.temporary_view(name={view!r})\ndef {view}():\n    return flows.evaluated({table.name!r})\n"
    if databricks and isinstance(table.write, Scd2) and table.write.changed_columns is None:
        yield history(table, rules)
    else:
        yield _definition("materialized_view", table, f"flows.winners({table.name!r})", rules)
    if table.quarantine is not None:
        yield _definition("materialized_view", table.quarantine, f"flows.quarantine({table.name!r})")


def _definition(kind: str, table: Table[...], query: str, rules: str = "") -> str:
    """Return a table with its query. Texts partition nothing: Delta would store them with a collation."""
    days = [name for name in table.partition_by if (column := table.column(name)) and column.type == "date"]
    parts = f", partition_cols={days!r}" if days else ""
    named = f"name={table.qualified_name!r}, comment={table.summary!r}{parts}"
    return f"@dp.{kind}({named})\n{rules}def {table.name}():\n    return {query}\n"
