"""Writes the declarative pipeline of a lake into a folder."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shoplake.deploy.pipeline.flows import SETTINGS
from shoplake.deploy.pipeline.project_files import pipeline_files
from shoplake.deploy.pipeline.refusals import find_refusals
from shoplake.errors import ShoplakeError

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.lake import Lake
    from shoplake.settings import Settings

PROJECT = ("feeds", "tables", "rules.py")
"""What a project has beside its settings that a pipeline needs."""


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

    Raises PipelineFolderError for a folder with other files.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "transformations").is_dir():
        raise PipelineFolderError(f"{folder} has other files. Name a folder that is empty, new or a pipeline's.")
    refused = find_refusals(lake.catalog, lake.settings.feeds, lake.engine.session)
    tables = [table for table in lake.catalog.ordered if table.name not in refused]
    names = {lake.catalog[name].qualified_name: reason for name, reason in refused.items()}
    for path, text in pipeline_files(tables, names, folder, databricks=databricks).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (folder / SETTINGS).write_text(settings_text(lake.settings), encoding="utf-8")
    _copy_project(settings.resolve().parent, folder)
    return WrittenPipeline(folder, tuple(table.qualified_name for table in tables), names, databricks)


def settings_text(settings: Settings) -> str:
    """Return the settings of the feeds, with the whole paths of their folders, as TOML."""
    lines = [f"lake = {json.dumps(settings.lake)}", f"use = {json.dumps(list(settings.use))}"]
    for feed in settings.feeds:
        values = {"kind": feed.kind.name, "path": feed.path, "timezone": feed.timezone}
        values |= {"currency": feed.currency} if feed.currency else {}
        values |= {"schema_drift": "quarantine"} if feed.is_strict else {}
        lines += [f"\n[feeds.{feed.name}]", *(f"{name} = {json.dumps(value)}" for name, value in values.items())]
        if feed.events:
            lines += [f"\n[feeds.{feed.name}.events]"]
            lines += [f"{json.dumps(sent)} = {json.dumps(named)}" for sent, named in feed.events]
    return "\n".join(lines) + "\n"


def _copy_project(source: Path, folder: Path) -> None:
    """Copy what a project has beside its settings."""
    for name in PROJECT:
        if (source / name).is_dir():
            shutil.copytree(
                source / name, folder / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        elif (source / name).is_file():
            shutil.copyfile(source / name, folder / name)
