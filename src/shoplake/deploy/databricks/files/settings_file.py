"""The settings of a lake, as they lie in a bundle."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from shoplake.deploy.toml_text import to_toml

if TYPE_CHECKING:
    from shoplake.deploy.databricks.bundle_source import BundleSource

HERE = ("engine", "remote", "memory_limit", "lake", "catalog", "serve", "alerts")
"""Settings of this machine: where it computes, serves and sends messages from."""
HEAD = (
    "# Settings of the lake on Databricks. Catalog, lake and the folder that paths begin in are given by each task.\n"
)


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
