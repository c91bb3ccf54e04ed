"""Reference page of the command line, written from the help of each command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shoplake.reference.markdown import NOTE, join_paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 80


def cli_page(command: click.Command, name: str = "shoplake") -> str:
    """Write the help of a command and of its subcommands; hidden ones are left out."""
    parts = [f"# Command line: `{name}`", NOTE]
    for path, help_text in _helps(command, name):
        parts += [f"## {path}", f"```text\n{help_text}\n```"]
    return join_paragraphs(*parts)


def _helps(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[tuple[str, str]]:
    context = click.Context(command, parent, name, terminal_width=WIDTH, **command.context_settings)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for subcommand_name, subcommand in _subcommands(command, context):
            yield from _helps(subcommand, subcommand_name, context)


def _subcommands(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    for name in sorted(group.list_commands(context)):
        subcommand = group.get_command(context, name)
        if subcommand is not None and not subcommand.hidden:
            yield name, subcommand
