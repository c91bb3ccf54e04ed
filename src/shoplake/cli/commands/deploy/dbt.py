"""The command that writes a dbt project over the gold tables: deploy dbt."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import FOLDER, config_option, json_option, open_lake


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake deploy dbt --out dbt")
@click.option("--out", type=FOLDER, required=True, help="Folder to write into.")
@click.option("--force", is_flag=True, help="Overwrite files that are not generated.")
@config_option
@json_option
def dbt(out: Path, force: bool, config: Path, as_json: bool) -> None:
    """Write a dbt project: sources, tests, marts, metrics."""
    lake = open_lake(config)
    lake.settings.check_runnable()
    from shoplake.cli.output import emit
    from shoplake.cli.views.deploy.generated_files import GeneratedFilesView
    from shoplake.deploy.dbt.project import dbt_files
    from shoplake.deploy.generated_files import write_generated

    files = write_generated(out, dbt_files(lake.catalog, lake.settings, config.resolve().parent.name), force=force)
    steps = (f"cd {quote(str(out))}", "pip install -r requirements.txt", "dbt build --profiles-dir .")
    emit(GeneratedFilesView(files, steps), as_json)
