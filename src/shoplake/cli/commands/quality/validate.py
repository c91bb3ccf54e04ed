"""The command that checks files before they are ingested: validate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import config_option, json_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shoplake.declare import Feed
    from shoplake.project import Project


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake validate orders/2026-03-01.json --currency EUR")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--kind", metavar="NAME", help="Feed kind of the files; without a settings file zenith.")
@click.option(
    "--feed",
    "feed_name",
    metavar="NAME",
    help="Feed of the settings file, whose kind and options apply; by default the only one, or that of the folder.",
)
@click.option("--timezone", help="Time zone of the shop; of a kind by default UTC.")
@click.option("--currency", help="Currency of the shop, as an ISO 4217 code.")
@config_option
@json_option
@click.pass_context
def validate(
    ctx: click.Context,
    files: tuple[Path, ...],
    kind: str | None,
    feed_name: str | None,
    timezone: str | None,
    currency: str | None,
    config: Path,
    as_json: bool,
) -> None:
    """Report what would be quarantined of files; exit 1 if any.

    Reads FILE… as a run does, without a lake.
    """
    project = project_of(config)
    if feed_name is None and kind is None and timezone is None and currency is None:
        feed_name = implied_feed(config, files, project)
    if feed_name is not None:
        feed = feed_of(config, feed_name, project)
    else:
        feed = feed_of_kind(kind or "zenith", timezone or "UTC", currency, project)
    from shoplake.cli.output import emit
    from shoplake.cli.views.quality.validation import ValidationView
    from shoplake.validation import validate_files

    result = validate_files(files, feed, project=project)
    emit(ValidationView(result), as_json)
    ctx.exit(0 if result.is_valid else 1)


def project_of(config: Path) -> Project:
    """Return the project beside a settings file; shoplake's kinds, tables and rules alone if there is no such file."""
    from shoplake import settings
    from shoplake.project import Project, load_project

    return load_project(config.resolve().parent, settings.used_packages(config)) if config.is_file() else Project()


def implied_feed(config: Path, files: Sequence[Path], project: Project) -> str | None:
    """Return the feed of a settings file that files are of: its only one, or that in whose folder all of them lie."""
    from shoplake import settings

    feeds = settings.load(config, project.kinds).feeds if config.is_file() else ()
    if len(feeds) > 1:
        paths = [file.resolve() for file in files]
        feeds = tuple(feed for feed in feeds if all(path.is_relative_to(Path(feed.path).resolve()) for path in paths))
    return feeds[0].name if len(feeds) == 1 else None


def feed_of(config: Path, name: str, project: Project) -> Feed:
    """Return a feed of a settings file.

    Raises SettingsError for a name that it does not have, and for settings that a run would not accept.
    """
    from shoplake import settings
    from shoplake.errors import SettingsError, hint

    loaded = settings.load(config, project.kinds)
    loaded.check_runnable()
    feeds = {feed.name: feed for feed in loaded.feeds}
    if name not in feeds:
        raise SettingsError(f"Unknown feed '{name}' in {config}. {hint(name, feeds)}")
    return feeds[name]


def feed_of_kind(kind: str, timezone: str, currency: str | None, project: Project) -> Feed:
    """Return a feed of a kind. Raises SettingsError for an unknown kind or time zone."""
    from zoneinfo import available_timezones

    from shoplake.declare import Feed
    from shoplake.errors import SettingsError, hint

    if kind not in project.kinds:
        raise SettingsError(f"Unknown feed kind '{kind}'. {hint(kind, project.kinds)}")
    if timezone not in available_timezones():
        raise SettingsError(f"Unknown time zone '{timezone}'. {hint(timezone, available_timezones())}")
    return Feed("validated", project.kinds[kind], ".", timezone, currency)
