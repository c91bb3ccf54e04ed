"""Options and option types that several commands share."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shoplake.errors import SettingsError

if TYPE_CHECKING:
    from shoplake.lake import Lake

CONFIG = Path("shoplake.toml")
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
SEED = click.IntRange(min=0, max=2**32 - 1)
"""What the random numbers of numpy and scikit-learn begin with."""
MAX_SECONDS = 36_500 * 86400.0
SECONDS_PER_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

config_option = click.option(
    "--config", type=FILE, default=CONFIG, show_default=True, help="Settings file of the lake."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class Day(click.ParamType[date]):
    """A day such as 2026-03-29."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day; anything else is wrong usage."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"'{value}' is not a day. Write one such as 2026-03-29.", param, ctx)


class Moment(click.ParamType[datetime]):
    """A moment such as 2026-03-29T14:00 or 2026-03-29T14:00+01:00, in UTC where it has no offset."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment in UTC; anything else is wrong usage."""
        try:
            at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"'{value}' is not a time. Write one such as 2026-03-29T14:00 (UTC).", param, ctx)


class OutputFile(click.Path):
    """A file to write, in a folder that is there."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; one in no folder is wrong usage."""
        path = Path(str(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            self.fail(f"there is no folder '{path.parent}'. Make it, or name a file elsewhere.", param, ctx)
        return path


class LineageTarget(click.ParamType[str]):
    """A file, or an http(s) address."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the target; an address of another scheme, without a host or with spaces is wrong usage."""
        from shoplake.log import hide_url_secrets
        from shoplake.settings.locations import is_http_address

        text = str(value)
        if "://" in text and not is_http_address(text):
            shown = hide_url_secrets(text)
            self.fail(f"'{shown}' is no address that begins with https:// or http://, nor a file.", param, ctx)
        return text


class Reason(click.ParamType[str]):
    """Why something is decided, in words."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text; one without words is wrong usage."""
        if not str(value).strip():
            self.fail("it is empty. Say why: the audit keeps it.", param, ctx)
        return str(value)


class Duration(click.ParamType[float]):
    """A duration such as 10s, 2m, 7d or 500ms, in seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds; anything that is not a positive duration is wrong usage."""
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", str(value).strip())
        seconds = float(match[1]) * SECONDS_PER_UNIT[match[2]] if match else 0.0
        if not 0 < seconds <= MAX_SECONDS:
            self.fail(f"'{value}' is not a duration. Write one such as 10s, 2m, 7d or 500ms, up to 36500d.", param, ctx)
        return seconds


class NumberRange(click.FloatRange):
    """A finite number in a range: click lets `nan` through, as no comparison with it is true."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number; anything else is wrong usage."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"'{value}' is not a number. Write one such as 0.5.", param, ctx)
        return number


class MemorySize(click.ParamType[float]):
    """A size such as 2GiB or 500MB in bytes; `never` is infinity."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the bytes; anything else is wrong usage."""
        from shoplake.settings.settings_section import size

        if isinstance(value, float):
            return value
        try:
            return math.inf if value == "never" else float(size(value, "size"))
        except SettingsError:
            self.fail(f"'{value}' is no size. Write one such as 2GiB or 500MB, or never.", param, ctx)


def open_lake(config: Path) -> Lake:
    """Open the lake of a settings file."""
    from shoplake.lake import Lake

    return Lake.open(config)
