"""A lake as a value: what the command line does, from Python and notebooks."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkException

from shoplake import settings as settings_file
from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.engine.query.dataframe import Frame, plan_of
from shoplake.engine.query.sql import named, placed
from shoplake.engine.session import sail
from shoplake.engine.session.capabilities import SPARK
from shoplake.engine.session.error_mapping import plainly, said_plainly
from shoplake.engine.state.ops_tables import FILES, OPS, QUALITY
from shoplake.engine.state.state_store import Ledger
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.lease import Lease
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.table_location import in_lake
from shoplake.errors import EngineLost, LakeBroken, NotOffered, QueryRefused, UnknownTable
from shoplake.feeds import KINDS
from shoplake.operations.maintenance import Upkeep
from shoplake.operations.verify import problems
from shoplake.pipeline.live_events import LIVE
from shoplake.pipeline.planner import Scope
from shoplake.pipeline.runner import Report, Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from threading import Event

    from shoplake.declare import Table
    from shoplake.engine.storage.integrity import Problem
    from shoplake.operations.table_maintenance import Commit
    from shoplake.pipeline.runner import Watcher
    from shoplake.pipeline.streaming_progress import Streamed
    from shoplake.settings import Settings


WATCH_SETTLE_S = 2


class Lake:
    """A shop's tables, and the verbs to fill and ask them.

    >>> lake = Lake.open("shoplake.toml")
    >>> lake.run()
    >>> lake.table("gold.sales_daily").to_pandas()
    >>> lake.sql("SELECT sum(net_sales) FROM gold.sales_daily").to_arrow()
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
        """The engine, started when first needed. Raises EngineError where it cannot be had."""
        wanted = self.settings
        if wanted.engine == "spark":
            from shoplake.engine.session.spark import session as spark_session

            session = spark_session.session(wanted.remote, wanted.memory)
            return DeltaEngine(session, wanted.lake, SPARK, wanted.catalog)
        return DeltaEngine(sail.session(wanted.memory), wanted.lake)

    @cached_property
    def ledger(self) -> Ledger:
        """What the lake knows of files, runs and quality."""
        return Ledger(self.settings.lake)

    @property
    def known(self) -> dict[str, Table[...]]:
        """Every table that can be asked, by `layer.name`: those declared, those beside them, the ledger's.

        Where there was a stream, its live events too.
        """
        declared = list(self.catalog.ordered)
        beside = [each for table in declared for each in table.beside]
        live = [LIVE] if delta_log.exists(f"{self.settings.lake}/{LIVE.path}") else []
        return {f"{table.layer}.{table.name}": table for table in (*declared, *beside, *OPS, *live)}

    def at(self, table: Table[...]) -> str:
        """The folder that a table lies in; only a catalog has to be asked for it."""
        is_here = in_lake(table, self.settings.catalog)
        return f"{self.settings.lake}/{table.path}" if is_here else self.engine.at(table)

    def run(
        self,
        watcher: Watcher | None = None,
        *,
        full: bool = False,
        first: date | None = None,
        last: date | None = None,
        only: str | None = None,
    ) -> Report:
        """Take in new files and bring every table up to date; `watcher` sees it go, table by table.

        `full` builds all tables again from bronze; `first` and `last` (shop-local days, both included) build those days
        again; `only` names a table, with a `+` behind it also all that depends on it, and takes in no files.
        Raises LakeBusy while another process writes to the lake.
        """
        scope = Scope(full, first, last, only)
        with self._working(), Lease(self.settings.lake, "shoplake run") as lease:
            return Run(self.engine, self.catalog, self.ledger, self.settings, watcher, scope, lease.check).go()

    def table(self, name: str) -> Frame:
        """All rows of a table, as a DataFrame: `gold.sales_daily`, or without its layer where it is declared.

        Raises UnknownTable for a name nobody declares, LakeBroken where it cannot be read or nothing ran yet.
        """
        table = self.known.get(name) or self.catalog[name]
        self._exists(table)
        return Frame(self.engine.read(table))

    def sql(self, query: str) -> Frame:
        """The answer to a query in Spark SQL over tables by `layer.name`; it may only read.

        Raises QueryRefused for anything else, and where the engine cannot make sense of it.
        """
        known = self.known
        tables = {name: known[name] for name in named(query, known)}
        for table in tables.values():
            self._exists(table)
        places = {name: self.engine.place(table).sql for name, table in tables.items()}
        try:
            rows = self.engine.session.sql(placed(query, places))
            _ = rows.schema
        except PySparkException as error:
            refused = QueryRefused(f"The engine refuses this query: {str(error).splitlines()[0]}")
            raise plainly(error, refused) from error
        return Frame(rows)

    def quality(self) -> list[dict[str, Any]]:
        """The rows of `ops.quality` of the last run that wrote each table, in the catalogue's order."""
        self._exists(QUALITY)
        rows = sorted(self.ledger.rows(QUALITY), key=lambda row: row["recorded_at"])
        last = {row["table"]: row["run_id"] for row in rows}
        order = {name: place for place, name in enumerate(self.known)}
        latest = [row for row in rows if row["run_id"] == last[row["table"]]]
        return sorted(latest, key=lambda row: order.get(row["table"], len(order)))

    def watch(self, stop: Event, every_s: float = 10.0, watcher: Watcher | None = None) -> Iterator[Report]:
        """A run every `every_s` seconds until `stop` is set, one report each; a run that has begun is finished.

        Files younger than 2 s, or than `settle_seconds` in the settings if that is more, wait for the next run.
        """
        settings = replace(self.settings, settle_seconds=max(WATCH_SETTLE_S, self.settings.settle_seconds))
        with self._working(), Lease(self.settings.lake, "shoplake run --watch") as lease:
            while not stop.is_set():
                began = time.monotonic()
                yield Run(self.engine, self.catalog, self.ledger, settings, watcher, may_write=lease.check).go()
                stop.wait(max(0.0, every_s - (time.monotonic() - began)))

    def stream(self, stop: Event, every_s: float | None = None, late_s: float = 3600.0) -> Iterator[Streamed]:
        """The same tables by streaming queries on Spark: what has come, then the end; or every `every_s` seconds.

        Ends when `stop` is set, once the batch in work is finished. Events are in `ops.events_live` before the other
        tables are up to date, unless they come more than `late_s` seconds after newer ones; the others miss none.
        Raises NotOffered on Sail, LakeBusy while another process writes to the lake.
        """
        if self.settings.engine != "spark":
            raise NotOffered(
                "The engine 'sail' has no Structured Streaming. Keep up with: shoplake run --watch; or set "
                'engine = "spark" and remote = "local" in shoplake.toml.'
            )
        from shoplake.pipeline.streaming_job import Stream

        settle_s = 0 if every_s is None else WATCH_SETTLE_S
        settings = replace(self.settings, settle_seconds=max(settle_s, self.settings.settle_seconds))
        with self._working(), Lease(self.settings.lake, "shoplake stream") as lease:
            yield from Stream(self.engine, self.catalog, self.ledger, settings, lease).go(stop, every_s, late_s)

    def explain(self, name: str) -> str:
        """How the engine would build a table from all that it reads: its physical plan, as text."""
        table = self.catalog[name]
        if not table.reads:
            raise UnknownTable(name, [each.name for each in self.catalog.ordered if each.reads], read_by="explain")
        for upstream in table.reads:
            self._exists(self.catalog[upstream])
        knobs: dict[str, Any] = {"feeds": self.settings.feeds} if "feeds" in table.knobs else {}
        rows = table(*[self.engine.read(self.catalog[each]) for each in table.reads], **knobs)
        return plan_of(rows)

    def verify(self) -> list[Problem]:
        """Everything that is not as the logs and the ledger say: files, checksums, counts, gold against silver."""
        self._exists(FILES)
        return list(problems(self.engine, self.catalog, self.ledger, self.known.values()))

    def history(self, table: Table[...]) -> list[Commit]:
        """The versions of a table, the newest first."""
        self._exists(table)
        return self.engine.maintenance.history(self.engine.place(table))

    @contextmanager
    def maintain(self) -> Iterator[Upkeep]:
        """The lake's upkeep, for the length of a `with`. Raises LakeBusy while another process writes to the lake."""
        self._exists(FILES)
        with self._working(), Lease(self.settings.lake, "shoplake maintain"):
            yield Upkeep(self.engine, self.ledger)

    @contextmanager
    def _working(self) -> Iterator[None]:
        """What goes wrong is said plainly, and an engine that is gone is not asked again."""
        try:
            with said_plainly():
                yield
        except EngineLost:
            self.__dict__.pop("engine", None)
            raise

    def _exists(self, table: Table[...]) -> None:
        if not delta_log.exists(self.at(table)):
            raise LakeBroken(
                f"There is no {table.layer}.{table.name} in {self.settings.lake} yet. Fill it: shoplake run"
            )
