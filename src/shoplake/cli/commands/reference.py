"""Commands that write references: docs, schema."""

from __future__ import annotations

import json
from pathlib import Path

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import FOLDER, config_option, open_lake


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake docs reference")
@click.argument("folder", type=FOLDER, default=Path("docs"), required=False)
@config_option
def docs(folder: Path, config: Path) -> None:
    """Write the reference of tables, kinds and rules as Markdown.

    The pages are in FOLDER, by default docs: the project's own tables, kinds and rules, and shoplake's tables as the
    project extends them.
    """
    from shoplake.cli.console import open_console, pluralize
    from shoplake.reference.project_pages import INDEX, write_project_pages

    pages = write_project_pages(open_lake(config), config.resolve().parent, folder)
    open_console().print(f"Wrote {pluralize(len(pages), 'page')}. Begin at {folder / INDEX}.", soft_wrap=True)


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake schema orders > orders.schema.json")
@click.argument("stream", required=False)
def schema(stream: str | None) -> None:
    """Print the JSON Schema of a stream of the native format.

    Without STREAM the names of all streams.
    """
    from shoplake.errors import SettingsError, hint
    from shoplake.feeds.zenith.native_format import NATIVE_FORMAT
    from shoplake.reference.native_format import json_schema

    if stream is None:
        click.echo("\n".join(NATIVE_FORMAT))
    elif stream not in NATIVE_FORMAT:
        raise SettingsError(f"The native format has no stream '{stream}'. {hint(stream, NATIVE_FORMAT)}")
    else:
        click.echo(json.dumps(json_schema(stream), indent=2, ensure_ascii=False))
