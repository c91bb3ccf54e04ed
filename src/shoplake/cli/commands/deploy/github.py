"""Command that writes workflows of GitHub Actions: deploy github."""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import FOLDER, config_option, json_option, open_lake


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake deploy github")
@click.option("--out", type=FOLDER, default=Path(), help="Root of the repository.  [default: this folder]")
@click.option("--bundle", default="bundle", show_default=True, help="Folder of the Databricks bundle in it.")
@click.option("--force", is_flag=True, help="Overwrite files that are not generated.")
@config_option
@json_option
def github(out: Path, bundle: str, config: Path, *, force: bool, as_json: bool) -> None:
    """Write GitHub workflows: tests, deployment to dev and prod."""
    open_lake(config)
    from importlib.metadata import version

    from shoplake.cli.console import command_line
    from shoplake.cli.output import emit
    from shoplake.cli.views.deploy.generated_files import GeneratedFilesView
    from shoplake.deploy.generated_files import write_generated
    from shoplake.deploy.github.workflows import WorkflowPaths, github_files

    root = out.resolve()
    in_root = Path(os.path.relpath(config.resolve(), root)).as_posix()
    if in_root.startswith("../"):
        raise click.BadParameter(f"{config} is not in {out}. Name the root of its repository.", param_hint="--out")
    paths = WorkflowPaths(in_root, bundle, has_lock=(root / "uv.lock").is_file())
    files = write_generated(out, github_files(paths, version("shoplake")), force=force)
    databricks = f"{command_line('deploy')} databricks --out {quote(str(out / bundle))} --config {quote(str(config))}"
    steps = [] if (root / bundle).exists() else [databricks]
    emit(GeneratedFilesView(files, [*steps, "git add .github && git commit"]), as_json)
