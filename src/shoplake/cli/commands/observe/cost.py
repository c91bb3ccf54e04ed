"""The command cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import NumberRange, config_option, json_option, open_lake

if TYPE_CHECKING:
    from pathlib import Path


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake cost --price-per-gb 0.023")
@click.option("--by", type=click.Choice(["table", "day"]), default="table", show_default=True, help="Sum up by this.")
@click.option(
    "--price-per-gb",
    type=NumberRange(min=0),
    help="Price of storage per GB and month, in any currency: adds the price of each table.",
)
@config_option
@json_option
def cost(by: str, price_per_gb: float | None, config: Path, as_json: bool) -> None:
    """Show processor time and size of tables or days.

    Processor time is that of the process, embedded engine included; an engine elsewhere is not in it.
    """
    if price_per_gb is not None and by == "day":
        raise click.UsageError("--price-per-gb is for tables. Leave out --by day.")
    from shoplake.cli.output import emit
    from shoplake.cli.views.observe.cost import CostView

    emit(CostView(open_lake(config).costs(by, price_per_gb), by), as_json)
