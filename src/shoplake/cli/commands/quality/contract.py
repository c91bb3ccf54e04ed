"""Commands about data contracts of tables: contract export, check."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.cli.group import ShoplakeGroup
from shoplake.cli.options import OutputFile, config_option, json_option, open_lake


@click.group(cls=ShoplakeGroup, epilog="Example: shoplake contract export gold.sales_daily -o sales.odcs.yaml")
def contract() -> None:
    """Export and check contracts (Open Data Contract Standard)."""


@contract.command(epilog="Example: shoplake contract export gold.sales_daily -o sales.odcs.yaml")
@click.argument("table")
@click.option("-o", "--output", type=OutputFile(), help="File to write; else the contract is printed.")
@config_option
@json_option
def export(table: str, output: Path | None, config: Path, as_json: bool) -> None:
    """Write the contract of a table as YAML, or with --json as JSON."""
    lake = open_lake(config)
    import json
    from importlib.metadata import version

    from shoplake.cli.output import write_replacement
    from shoplake.operations.contract import to_contract
    from shoplake.operations.yaml_text import to_yaml

    made = to_contract(lake.find(table), version("shoplake"))
    text = json.dumps(made, indent=2, ensure_ascii=False) + "\n" if as_json else to_yaml(made)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_replacement(output, text)


@contract.command(epilog="Example: shoplake contract check sales.odcs.json")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@config_option
@json_option
@click.pass_context
def check(ctx: click.Context, file: Path, config: Path, as_json: bool) -> None:
    """List what of a contract a table no longer keeps; exit 1 if there is anything.

    FILE is a contract of this command, as YAML or JSON.
    """
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.quality.contract import ContractView, read_contract
    from shoplake.operations.contract import breaking_changes

    known = read_contract(file)
    table = lake.find(known["name"])
    view = ContractView(table.qualified_name, list(breaking_changes(known, table)))
    emit(view, as_json)
    ctx.exit(1 if view.changes else 0)
