"""The settings and the project of a lake, as they lie in a bundle."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from shoplake.deploy.toml_text import to_toml
from shoplake.project.modules import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.deploy.databricks.bundle_source import BundleSource

HERE = ("engine", "remote", "memory_limit", "lake", "catalog", "serve", "alerts")
"""Settings of this machine: where it computes, serves and sends messages from."""
HEAD = (
    "# Settings of the lake on Databricks. Catalog, lake and the folder that paths begin in are given by each task.\n"
)


def project_files(source: BundleSource) -> dict[str, str]:
    """Return the settings, and the feeds, tables and rules of the project, by their paths in the bundle."""
    folder = source.config.resolve().parent
    code = (path for name in PARTS for path in _python_files(folder / name))
    texts = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in code}
    return {"shoplake.toml": settings_text(source), **texts}


def settings_text(source: BundleSource) -> str:
    """Return the settings for Databricks: without those of this machine, and a folder of the landing volume a feed.

    A feed in an object store stays there. Addresses with a password, such as that of MLflow, are left out.
    """
    values = tomllib.loads(source.config.read_text(encoding="utf-8"))
    kept: dict[str, Any] = {name: value for name, value in values.items() if name not in HERE}
    if "mlflow" in kept.get("models", {}):
        kept["models"] = {name: value for name, value in kept["models"].items() if name != "mlflow"}
    feeds = {name: {**feed, "path": _path(name, feed)} for name, feed in values["feeds"].items()}
    return HEAD + to_toml({"engine": "spark", "catalog": source.catalog, **kept, "feeds": feeds})


def _path(name: str, feed: dict[str, Any]) -> str:
    path = str(feed["path"])
    return path if "://" in path else name


def _python_files(path: Any) -> Iterator[Any]:
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from sorted(each for each in path.rglob("*.py") if "__pycache__" not in each.parts)
