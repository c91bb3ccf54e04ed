"""Writes the declarative pipeline of a lake into a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.deploy.generated_files import copy_project, is_around, write_files
from shoplake.deploy.pipeline.flows import SETTINGS
from shoplake.deploy.pipeline.project_files import pipeline_files
from shoplake.deploy.pipeline.refusals import find_refusals
from shoplake.deploy.toml_text import to_toml
from shoplake.errors import ShoplakeError

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.declare import Feed
    from shoplake.lake import Lake
    from shoplake.settings import Settings


class PipelineFolderError(ShoplakeError):
    """The folder that a pipeline is to be written into has something else."""


@dataclass(frozen=True)
class WrittenPipeline:
    """A pipeline that was written: where, its tables, and those that are left out, with the reason."""

    folder: Path
    tables: tuple[str, ...]
    refused: dict[str, str]
    is_for_databricks: bool = False


def write_pipeline(lake: Lake, settings: Path, folder: Path, *, databricks: bool = False) -> WrittenPipeline:
    """Write the pipeline of a lake, whose settings lie in the file `settings`, into a folder that is empty or its own.

    What the project no longer has is deleted there. Raises PipelineFolderError for a folder with other files, or the
    project in it.
    """
    if is_around(folder, settings.resolve().parent):
        raise PipelineFolderError(f"{folder} has the project itself in it. Name a folder for the pipeline.")
    if folder.exists() and any(folder.iterdir()) and not (folder / "transformations").is_dir():
        raise PipelineFolderError(f"{folder} has other files. Name a folder that is empty, new or a pipeline's.")
    refused = find_refusals(lake.catalog, lake.settings.feeds, lake.engine.session)
    tables = [table for table in lake.catalog.ordered if table.name not in refused]
    names = {lake.catalog[name].qualified_name: reason for name, reason in refused.items()}
    files = pipeline_files(tables, names, folder, databricks=databricks)
    write_files(folder, files | {SETTINGS: settings_text(lake.settings)})
    copy_project(settings.resolve().parent, folder)
    return WrittenPipeline(folder, tuple(table.qualified_name for table in tables), names, databricks)


def settings_text(settings: Settings) -> str:
    """Return the settings of the feeds, with the whole paths of their folders, as TOML."""
    feeds = {feed.name: _feed_values(feed) for feed in settings.feeds}
    return to_toml({"lake": settings.lake, "use": list(settings.use), "feeds": feeds})


def _feed_values(feed: Feed) -> dict[str, Any]:
    values: dict[str, Any] = {"kind": feed.kind.name, "path": feed.path, "timezone": feed.timezone}
    values |= {"currency": feed.currency} if feed.currency else {}
    values |= {"schema_drift": "quarantine"} if feed.is_strict else {}
    return values | ({"events": dict(feed.events)} if feed.events else {})
