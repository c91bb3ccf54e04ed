"""Commands about incidents and the messages about them: alerts list, ack, test."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.cli.group import ShoplakeGroup
from shoplake.cli.options import Reason, config_option, json_option, open_lake

NO_CHANNEL = 'No channel is configured. Add to {}: [alerts] email = ["data@shop.example"], from = "…", or a webhook.'


@click.group(cls=ShoplakeGroup, epilog="Example: shoplake alerts list")
def alerts() -> None:
    """Show and acknowledge incidents, test channels."""


@alerts.command("list", epilog="Example: shoplake alerts list --all")
@click.option("--all", "shows_all", is_flag=True, help="Include the incidents that have ended.")
@config_option
@json_option
def list_(shows_all: bool, config: Path, as_json: bool) -> None:
    """List the open incidents, and how many messages wait for delivery."""
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.quality.alerts import IncidentsView

    incidents = [each for each in lake.alerts.incidents if shows_all or each.is_open]
    emit(IncidentsView(incidents, lake.alerts.undelivered, config), as_json)


@alerts.command(epilog='Example: shoplake alerts ack 3f1c09aa52d1 --because "supplier mends the file"')
@click.argument("incident_id")
@click.option("--because", type=Reason(), required=True, metavar="TEXT", help="Why; kept in ops.incidents.")
@click.option("--expected", is_flag=True, help="The days are as they should be: they are no history, and stop no run.")
@config_option
@json_option
def ack(incident_id: str, because: str, expected: bool, config: Path, as_json: bool) -> None:
    """Acknowledge an open incident: no more reminders. Its end is still sent.

    With --expected, days that are unlike the weeks before count as accepted.
    """
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.quality.alerts import AcknowledgedView
    from shoplake.pipeline.audit import current_actor

    if expected:
        incident = lake.expect_incident(incident_id, because)
    else:
        incident = lake.alerts.acknowledge(incident_id, current_actor(), because)
    emit(AcknowledgedView(incident), as_json)


@alerts.command(epilog="Example: shoplake alerts test")
@config_option
@json_option
@click.pass_context
def test(ctx: click.Context, config: Path, as_json: bool) -> None:
    """Send a test message to each channel; exit 1 if one cannot be delivered."""
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.quality.alerts import DeliveryView

    outcomes = lake.alerts.test()
    if not outcomes:
        raise click.ClickException(NO_CHANNEL.format(config))
    emit(DeliveryView(outcomes), as_json)
    ctx.exit(1 if any(outcomes.values()) else 0)
