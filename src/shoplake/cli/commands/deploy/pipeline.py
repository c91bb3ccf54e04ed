"""The command that writes a Spark Declarative Pipeline: deploy pipeline."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import FOLDER, config_option, json_option, open_lake


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake deploy pipeline --out pipeline")
@click.option("--out", type=FOLDER, required=True, metavar="DIR", help="Folder to write: new, empty, or a pipeline.")
@click.option("--databricks", is_flag=True, help="For Databricks: with expectations, and histories by AUTO CDC.")
@config_option
@json_option
def pipeline(out: Path, databricks: bool, config: Path, as_json: bool) -> None:
    """Write a Spark Declarative Pipeline of the lake's tables.

    Bronze is streaming tables, the rest materialized views of the same functions. Tables that cannot be expressed are
    listed with the reason.
    """
    from shoplake.cli.output import emit
    from shoplake.cli.views.deploy.pipeline import PipelineView
    from shoplake.deploy.pipeline.write_pipeline import write_pipeline

    lake = open_lake(config)
    lake.settings.check_runnable()
    emit(PipelineView(write_pipeline(lake, config, out, databricks=databricks)), as_json)
