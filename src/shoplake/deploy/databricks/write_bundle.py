"""Writes a bundle into a folder, and checks what it has written."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from shoplake.declare import LAYERS
from shoplake.deploy.databricks.answers.alerts import alerts_file
from shoplake.deploy.databricks.answers.dashboard import FILE, dashboard_file, dashboard_resource
from shoplake.deploy.databricks.answers.genie_space import genie_file
from shoplake.deploy.databricks.answers.questions import questions
from shoplake.deploy.databricks.bundle_file import bundle_file
from shoplake.deploy.databricks.bundle_source import DeployError
from shoplake.deploy.databricks.checks import check_bundle
from shoplake.deploy.databricks.files.settings_file import settings_text
from shoplake.deploy.databricks.files.templates import template_files
from shoplake.deploy.databricks.jobs import job_files
from shoplake.deploy.databricks.sql.masks import masks_file
from shoplake.deploy.databricks.sql.metric_views import metric_views_file
from shoplake.deploy.databricks.sql.table_comments import comments_file
from shoplake.deploy.databricks.sql.views import views_file
from shoplake.deploy.databricks.unity_catalog import catalog_file
from shoplake.deploy.generated_files import copy_project, is_around, write_files

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.deploy.databricks.bundle_source import BundleSource

WRITTEN = ("resources", "sql", "dashboards", "notebooks")
"""Folders of which every file is written anew."""
MARK = "# Written by `shoplake deploy databricks`. Write it again after a change.\n"


class PlainDumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # in C where PyYAML has it
    """Writes a value that stands in two places twice, instead of a reference."""

    def ignore_aliases(self, data: object) -> bool:
        """Refuse references."""
        return True


@dataclass(frozen=True)
class WrittenBundle:
    """A bundle in `folder`: its name and its files, relative to the folder."""

    name: str
    folder: Path
    files: tuple[str, ...]


def write_bundle(source: BundleSource, folder: Path, wheel: Path | None = None) -> WrittenBundle:
    """Write a bundle into `folder`, which is new, empty or has a bundle already; `wheel` goes into its `dist`.

    Files that the bundle or the project no longer has are deleted from the folders that it writes. Raises DeployError
    for a folder with other files or with the project itself, and where the checks of what was written find a mistake.
    """
    project = source.config.resolve().parent
    _check_folder(folder, project)
    texts = bundle_texts(source)
    for name in WRITTEN:
        shutil.rmtree(folder / name, ignore_errors=True)
    write_files(folder, texts)
    copied = copy_project(project, folder)
    if wheel is not None:
        (folder / "dist").mkdir(exist_ok=True)
        shutil.copy(wheel, folder / "dist" / wheel.name)
    if mistakes := check_bundle(folder):
        raise DeployError("\n".join(map(str, mistakes)))
    return WrittenBundle(source.name, folder, tuple(sorted([*texts, *copied])))


def bundle_texts(source: BundleSource) -> dict[str, str]:
    """Return the text of every file of a bundle, by its path, but for the project's own."""
    asked = questions(source.lake_catalog)
    documents = {
        "databricks.yml": bundle_file(source),
        "resources/catalog.yml": catalog_file(),
        **job_files(source),
        "resources/dashboard.yml": dashboard_resource(),
        "resources/alerts.yml": alerts_file(source),
        "resources/genie.yml": genie_file(source, asked),
    }
    return {
        **{path: bundle_yaml(document) for path, document in documents.items()},
        **{f"sql/tables_{n}.sql": comments_file(layer, source.tables(layer)) for n, layer in enumerate(LAYERS, 1)},
        "sql/masks.sql": masks_file(source),
        "sql/views.sql": views_file(source),
        "sql/metric_views.sql": metric_views_file(source),
        FILE: json.dumps(dashboard_file(asked), indent=2, ensure_ascii=False) + "\n",
        **template_files(source),
        "shoplake.toml": settings_text(source),
    }


def bundle_yaml(document: dict[str, Any]) -> str:
    """Return a document as YAML of a bundle, in the order that it has, under the mark of what is written."""
    text: str = yaml.dump(document, Dumper=PlainDumper, sort_keys=False, allow_unicode=True, width=120)
    return MARK + text


def _check_folder(folder: Path, project: Path) -> None:
    if folder.is_file():
        raise DeployError(f"--out {folder} is a file. Name a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "databricks.yml").is_file():
        raise DeployError(f"--out {folder} has other files and no bundle. Name a new or an empty folder.")
    if is_around(folder, project):
        raise DeployError(f"--out {folder} has the project itself in it. Name a folder for the bundle, such as bundle.")
