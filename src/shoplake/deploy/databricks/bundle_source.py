"""What a bundle is written from: the tables and settings of a lake, and how it is to be deployed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from shoplake.errors import ShoplakeError

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.settings import Settings

NAME = re.compile(r"[a-z][a-z0-9_]*")


class DeployError(ShoplakeError):
    """A lake cannot be deployed as asked for; the message says what to change."""


@dataclass(frozen=True)
class BundleSource:
    """A lake to deploy.

    Args:
        name: name of the bundle and prefix of its jobs: a letter, then letters, digits and _.
        lake_catalog: the declared tables, those of the project included.
        settings: the settings of the lake.
        config: its settings file; the project lies beside it.
        catalog: the Unity Catalog catalog of production; that of development ends in `_dev`.
        requirement: what tasks install: a requirement such as `shoplake==1.0`, or a path to a wheel in the bundle.
        readers: the group whose members see personal columns unmasked.

    Raises DeployError for a name that Unity Catalog or a bundle would have to quote.

    """

    name: str
    lake_catalog: Catalog
    settings: Settings
    config: Path
    catalog: str
    requirement: str = f"shoplake=={version('shoplake')}"
    readers: str = "personal_data_readers"

    def __post_init__(self) -> None:
        for option, value in (("--name", self.name), ("--catalog", self.catalog)):
            if not NAME.fullmatch(value):
                raise DeployError(
                    f"{option} {value!r} is no name: write a small letter, then small letters, digits, _."
                )

    @property
    def timezone(self) -> str:
        """The time zone of the shop: that of the first feed."""
        return self.settings.feeds[0].timezone

    def tables(self, layer: str) -> list[Table[...]]:
        """Return the tables of a layer with those that are written with them, in topological order."""
        declared = [table for table in self.lake_catalog.ordered if table.layer == layer]
        return [each for table in declared for each in (table, *table.companion_tables)]


def bundle_name(folder: Path) -> str:
    """Return the name of a bundle for a project in `folder`."""
    name = re.sub(r"[^a-z0-9]+", "_", folder.name.lower()).strip("_")
    return name if NAME.fullmatch(name) else "shoplake"
