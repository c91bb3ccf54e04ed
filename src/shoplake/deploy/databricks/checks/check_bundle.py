"""Reads a bundle as files and finds mistakes that show only when it is deployed or run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from shoplake.deploy.databricks.checks.job_checks import check_job
from shoplake.deploy.databricks.checks.mistake import Mistake
from shoplake.deploy.databricks.checks.reference_checks import Declared, check_references
from shoplake.deploy.databricks.checks.target_checks import check_target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    Documents = Mapping[str, Mapping[str, Any]]

MAIN = "databricks.yml"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader in C is ten times as fast, where PyYAML has it."""


def check_bundle(folder: Path) -> list[Mistake]:
    """Return the mistakes of the bundle in `folder`, in the order of its files; none for one that can be deployed.

    Tasks that depend on a task that is not there or on each other in a circle, unknown environments, clusters beside
    an environment, two forms of parameters, Unix cron where Quartz is asked for, unknown time zones, several ways to
    start a job, unknown modes of targets, and references to variables, resources, job parameters and files that the
    bundle does not have.
    """
    if not (folder / MAIN).is_file():
        return [Mistake(MAIN, "bundle", f"There is no {folder / MAIN}. Write one with: shoplake deploy databricks")]
    try:
        documents = dict(_documents(folder))
    except yaml.YAMLError as error:
        return [Mistake(MAIN, "bundle", f"This is no YAML: {error}")]
    declared = Declared.of(documents)
    mistakes = [
        mistake for file, document in documents.items() for mistake in check_references(file, document, declared)
    ]
    for file, document in documents.items():
        for name, target in _named(document, "targets"):
            mistakes += check_target(file, name, target)
        for name, job in _named(document.get("resources") or {}, "jobs"):
            mistakes += check_job(file, name, job, folder)
    return mistakes


def _documents(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the main file and those it includes, by their paths in the bundle."""
    main = _read(folder / MAIN)
    yield MAIN, main
    for pattern in main.get("include", []):
        for path in sorted(folder.glob(pattern)):
            yield path.relative_to(folder).as_posix(), _read(path)


def _named(document: Mapping[str, Any], section: str) -> list[tuple[str, Mapping[str, Any]]]:
    return list((document.get(section) or {}).items())


def _read(path: Path) -> Mapping[str, Any]:
    text = path.read_text(encoding="utf-8")
    document: Mapping[str, Any] = yaml.load(text, Loader=LOADER) or {}  # nosec B506  # both loaders are safe ones
    return document
