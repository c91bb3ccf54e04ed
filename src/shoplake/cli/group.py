"""The click classes of all commands: renamed commands and options, logging options, exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from shoplake.cli.errors import exit_codes
from shoplake.errors import hint

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVELS = ("debug", "info", "warning", "error")
MAX_SENTENCE = 200
"""Characters of the first sentence of a command's help."""
LEVEL, FORMAT = "shoplake.log_level", "shoplake.log_format"


class WholeSentence(click.Command):
    """A command of whose help the list of a group has the whole first sentence, on several lines where it is long."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence, however long."""
        return super().get_short_help_str(max(limit, MAX_SENTENCE))


class ShoplakeCommand(WholeSentence):
    """A command that names the new spelling of the options in `renamed`, old to new."""

    def __init__(self, *args: Any, renamed: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._renamed = renamed or {}
        self.params.extend(log_options(hidden=True))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; an option that has another name now is wrong usage."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if new := self._renamed.get(error.option_name):
                raise click.UsageError(f"{error.option_name} is now {new}.") from error
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Start logging where it is asked for, then run the command."""
        start_logging(ctx)
        return super().invoke(ctx)


class ShoplakeGroup(WholeSentence, click.Group):
    """A group of commands that names the new spelling of the commands in `renamed`, old to new."""

    command_class = ShoplakeCommand
    group_class = type

    def __init__(
        self, *args: Any, renamed: Mapping[str, str] | None = None, shows_log_options: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._renamed = renamed or {}
        self.params.extend(log_options(hidden=not shows_log_options))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one is wrong usage, with its new name or the nearest."""
        name = args[0]
        if name not in self.commands and not name.startswith("-"):
            if new := self._renamed.get(name):
                raise click.UsageError(f"'{ctx.command_path} {name}' is now '{ctx.command_path} {new}'.")
            raise click.UsageError(f"Unknown command '{name}'. {hint(name, self.commands)}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; errors become exit codes."""
        with exit_codes(ctx):
            return super().invoke(ctx)


def log_options(*, hidden: bool) -> list[click.Parameter]:
    """Return `--log-level` and `--log-format`; a command takes them before and after its name."""
    level = click.Option(
        ["--log-level"],
        type=click.Choice(LEVELS),
        hidden=hidden,
        expose_value=False,
        callback=_remember_level,
        help="Write log records of this level and above to stderr. Off by default.",
    )
    format_ = click.Option(
        ["--log-format"],
        type=click.Choice(["text", "json"]),
        hidden=hidden,
        expose_value=False,
        callback=_remember_format,
        help="Format of the log records; json writes one object per line.",
    )
    return [level, format_]


def start_logging(ctx: click.Context) -> None:
    """Configure logging as asked for; with a format alone the level is `info`, with neither nothing is logged."""
    if LEVEL not in ctx.meta and FORMAT not in ctx.meta:
        return
    from shoplake.log import configure_logging

    configure_logging(ctx.meta.get(LEVEL, "info"), ctx.meta.get(FORMAT, "text"))


def _remember_level(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.meta[LEVEL] = value


def _remember_format(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.meta[FORMAT] = value
