"""The command that writes a Databricks Asset Bundle: deploy databricks."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import FILE, FOLDER, config_option, json_option, open_lake


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake deploy databricks --out bundle --catalog shop")
@click.option("--out", type=FOLDER, required=True, metavar="DIR", help="Folder to write: new, empty, or a bundle.")
@click.option("--catalog", help="Catalog of production; development has one that ends in _dev.  [default: the name]")
@click.option("--name", help="Name of the bundle.  [default: the project's folder]")
@click.option("--wheel", type=FILE, help="Wheel of shoplake to deploy with it.  [default: from PyPI]")
@click.option(
    "--readers",
    default="personal_data_readers",
    show_default=True,
    help="Group that sees personal columns unmasked.",
)
@config_option
@json_option
def databricks(
    out: Path, catalog: str | None, name: str | None, wheel: Path | None, readers: str, config: Path, as_json: bool
) -> None:
    """Write a Databricks Asset Bundle of the lake.

    Jobs, schemas, permissions, dashboard, alerts, notebooks, Terraform, and a README that says how to go on.
    """
    from shoplake.cli.output import emit
    from shoplake.cli.views.deploy.databricks import BundleView
    from shoplake.deploy.databricks.bundle_source import BundleSource, DeployError, bundle_name
    from shoplake.deploy.databricks.write_bundle import write_bundle

    if wheel is not None and not wheel.is_file():
        raise DeployError(f"There is no {wheel}. Build one in the checkout of shoplake with: uv build --wheel")
    lake = open_lake(config)
    lake.settings.check_runnable()
    name = name or bundle_name(config.resolve().parent)
    wheels = {} if wheel is None else {"requirement": f"../dist/{wheel.name}"}
    source = BundleSource(name, lake.catalog, lake.settings, config, catalog or name, readers=readers, **wheels)
    emit(BundleView(write_bundle(source, out, wheel)), as_json)
