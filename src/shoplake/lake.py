"""A lake as a value: what the command line does, from Python and notebooks."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake import settings as settings_file
from shoplake import tables
from shoplake.catalog import Catalog
from shoplake.engine import sail
from shoplake.engine.delta import DeltaEngine
from shoplake.engine.ledger import Ledger
from shoplake.feeds import KINDS
from shoplake.run import Report, Run

if TYPE_CHECKING:
    from shoplake.run import Watcher
    from shoplake.settings import Settings


class Lake:
    """A shop's tables, and the verbs to fill and ask them.

    >>> lake = Lake.open("shoplake.toml")
    >>> lake.run()
    >>> lake.table("gold.sales_daily").to_pandas()
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.catalog = Catalog.of(tables)

    @classmethod
    def open(cls, path: str | Path = settings_file.FILE) -> Lake:
        """The lake that the settings file at `path` describes. Raises SettingsError where it cannot be one."""
        return cls(settings_file.load(Path(path), KINDS))

    @cached_property
    def engine(self) -> DeltaEngine:
        """The engine, started when first needed."""
        return DeltaEngine(sail.session(self.settings.memory), self.settings.lake)

    @cached_property
    def ledger(self) -> Ledger:
        """What the lake knows of files, runs and quality."""
        return Ledger(self.settings.lake)

    def run(self, watcher: Watcher | None = None) -> Report:
        """Take in new files and bring every table up to date; `watcher` sees it go, table by table."""
        return Run(self.engine, self.catalog, self.ledger, self.settings, watcher).go()

    def table(self, name: str) -> Any:
        """A table."""
        return self.engine.read(self.catalog[name])
