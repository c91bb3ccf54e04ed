"""What commands take: settings, days, durations, and what does not go together. Light, for cli.py to import."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.lake import Lake

CONFIG = Path("shoplake.toml")
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
SIMULATED = {"zenith": ("customers", "products"), "retailrocket": ("properties",)}
"""Kinds that a pretend shop can be of, and the options that only that kind has."""
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

config_option = click.option(
    "--config", type=FILE, default=CONFIG, show_default=True, help="The settings file of the lake."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program to read.")


class Day(click.ParamType[date]):
    """A day such as 2026-03-29."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day; wrong use if it is none."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"'{value}' is no day. Write one such as 2026-03-29.", param, ctx)


class Duration(click.ParamType[float]):
    """A duration such as 10s, 2m or 500ms, in seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds; wrong use if they are none, or not more than 0."""
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h)", str(value).strip())
        seconds = float(found[1]) * SECONDS[found[2]] if found else 0.0
        if not seconds:
            self.fail(f"'{value}' is no duration. Write one such as 10s, 2m or 500ms.", param, ctx)
        return seconds


def of_kind(kind: str) -> list[str]:
    """The option that asks for that kind; none for the usual one."""
    return [] if kind == "zenith" else ["--kind", kind]


def check_generate(ctx: click.Context, kind: str, asked: Mapping[str, object]) -> dict[str, object]:
    """What is asked of a pretend shop of that kind; what only another kind has is wrong use."""
    others = {name: other for other, names in SIMULATED.items() if other != kind for name in names}
    for name, other in others.items():
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name} is for --kind {other}, not {kind}.")
    return {name: value for name, value in asked.items() if name not in others}


def check_run(ctx: click.Context, asked: Mapping[str, object], *, watch: bool) -> None:
    """Refuse what makes no sense together, as wrong use."""
    first, last = asked["start"], asked["end"]
    if isinstance(first, date) and isinstance(last, date) and first > last:
        raise click.UsageError(f"--start {first} is after --end {last}.")
    if asked["full_refresh"] and (first or last):
        raise click.UsageError("--full-refresh rebuilds every day: leave out --start and --end.")
    if watch and any(asked.values()):
        raise click.UsageError(
            "--watch ingests what is new: use --full-refresh, --start, --end and --select without it."
        )
    if not watch and ctx.get_parameter_source("interval_s") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--interval says how often to run with --watch: add --watch.")


def opened(config: Path) -> Lake:
    """The lake of that settings file."""
    from shoplake.lake import Lake

    return Lake.open(config)


def print_json(data: object) -> None:
    """Print it for a program to read."""
    import json

    click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))
