"""The command that computes funnels: funnel."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import Duration, Moment, config_option, json_option, open_lake


class Names(click.ParamType[tuple[str, ...]]):
    """Names with commas between them."""

    name = "names"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Return the names without blanks."""
        if isinstance(value, tuple):
            return value
        return tuple(name.strip() for name in str(value).split(",") if name.strip())


class AtStep(click.ParamType[tuple[int, str]]):
    """A step's number, such as 2 or step=2; with `has_window` the window behind it, such as 2=1d."""

    name = "step"

    def __init__(self, *, has_window: bool = False) -> None:
        self._pattern = r"(?:step=)?(\d+)=(.+)" if has_window else r"(?:step=)?(\d+)()"
        self._wanted = "a step with its window. Write one such as 2=1d" if has_window else "a step. Write one such as 2"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, str]:
        """Return the number and the text behind it; anything else is wrong usage."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(self._pattern, str(value).strip())
        if match is None:
            self.fail(f"'{value}' is not {self._wanted}.", param, ctx)
        return int(match[1]), match[2]


@click.command(
    cls=ShoplakeCommand, epilog="Example: shoplake funnel --steps product_view,add_to_cart,purchase --by device"
)
@click.option("--steps", type=Names(), required=True, help="Event names of the steps, with commas between them.")
@click.option("--window", type=Duration(), default="7d", show_default=True, help="Longest time from the first step.")
@click.option(
    "--step-window", "step_windows", type=AtStep(has_window=True), multiple=True, help="Longest time to a step: 2=1d."
)
@click.option(
    "--order", type=click.Choice(["ordered", "strict", "any"]), default="ordered", show_default=True, help="Order."
)
@click.option(
    "--count",
    type=click.Choice(["visitors", "persons", "sessions", "totals"]),
    default="visitors",
    show_default=True,
    help="What is counted.",
)
@click.option("--by", help="Column of the events to split by.")
@click.option("--by-from", default="first", show_default=True, help="Step with its value: first, last or a number.")
@click.option("--exclude", type=Names(), default="", help="Event names that end an attempt.")
@click.option("--as-of", type=Moment(), help="Ignore later events. By default none.")
@click.option("--who", type=AtStep(), help="List who is at a step: step=2.")
@click.option(
    "--state", type=click.Choice(["converted", "dropped", "open"]), default="dropped", show_default=True, help="State."
)
@click.option("--limit", type=click.IntRange(min=0), default=40, show_default=True, help="Maximum rows of --who.")
@config_option
@json_option
def funnel(steps: tuple[str, ...], config: Path, as_json: bool, **options: Any) -> None:
    """Count who gets from step to step, and list who does not."""
    who, state, limit = (options.pop(name) for name in ("who", "state", "limit"))
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.funnel import FunnelView, MembersView

    report = lake.funnel(steps, **_to_definition(options))
    if who is None:
        emit(FunnelView(report, config), as_json)
    else:
        emit(MembersView(report.members(who[0], state).to_arrow(), limit), as_json)


def _to_definition(options: dict[str, Any]) -> dict[str, Any]:
    """Convert the options of the command to those of `Lake.funnel`."""
    number = str(options["by_from"])
    windows = {step: Duration().convert(text, None, None) for step, text in options["step_windows"]}
    return options | {
        "window": timedelta(seconds=options["window"]),
        "step_windows": {step: timedelta(seconds=seconds) for step, seconds in windows.items()},
        "by_from": int(number) if number.isdecimal() else number,
    }
