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
from shoplake.engine.query.dataframe import LakeFrame, explain_plan
from shoplake.engine.query.sql import qualify_tables, referenced_tables
from shoplake.engine.session import sail
from shoplake.engine.session.capabilities import SPARK
from shoplake.engine.session.error_mapping import to_shoplake_error, translate_errors
from shoplake.engine.state.ops_tables import FILES, OPS, QUALITY
from shoplake.engine.state.state_store import StateStore
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.damaged_tail import recovered_lease
from shoplake.engine.storage.head_check import check_heads, find_damage
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.table_location import is_path_table
from shoplake.errors import (
    EngineConnectionLostError,
    LakeBroken,
    QueryNotAllowedError,
    UnknownTableError,
    UnsupportedFeatureError,
)
from shoplake.feeds import KINDS
from shoplake.operations.maintenance import Maintenance
from shoplake.operations.repair import repair
from shoplake.operations.verify import find_problems
from shoplake.pipeline.live_events import EVENTS_LIVE
from shoplake.pipeline.planner import RunSelection
from shoplake.pipeline.runner import PipelineRun, RunResult

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from threading import Event

    from shoplake.declare import Table
    from shoplake.engine.storage.integrity import Problem
    from shoplake.operations.repair import RepairAction
    from shoplake.operations.table_maintenance import Commit
    from shoplake.pipeline.runner import ProgressListener
    from shoplake.pipeline.streaming_progress import StreamingUpdate
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
        self.catalog = Catalog.from_package(tables)

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

            session = spark_session.session(wanted.remote, wanted.memory_limit)
            return DeltaEngine(session, wanted.lake, SPARK, wanted.catalog)
        return DeltaEngine(sail.session(wanted.memory_limit), wanted.lake)

    @cached_property
    def state(self) -> StateStore:
        """What the lake knows of files, runs and quality."""
        return StateStore(self.settings.lake)

    @property
    def known(self) -> dict[str, Table[...]]:
        """Every table that can be queried, by `layer.name`; live events where there was a stream."""
        beside = [each for table in self.catalog.ordered for each in table.companion_tables]
        live = [EVENTS_LIVE] if delta_log.exists(f"{self.settings.lake}/{EVENTS_LIVE.path}") else []
        return {table.qualified_name: table for table in (*self.catalog.ordered, *beside, *OPS, *live)}

    def at(self, table: Table[...]) -> str:
        """The folder that a table lies in; only a catalog has to be asked for it."""
        is_here = is_path_table(table, self.settings.catalog)
        return f"{self.settings.lake}/{table.path}" if is_here else self.engine.path(table)

    def run(
        self,
        listener: ProgressListener | None = None,
        *,
        full_refresh: bool = False,
        start: date | None = None,
        end: date | None = None,
        select: str | None = None,
    ) -> RunResult:
        """Take in new files and bring every table up to date; `listener` is told of each table.

        `full_refresh` rebuilds all tables from bronze; `start` and `end` (shop-local days, both included) rebuild those
        days; `select` names a table, with a `+` behind it also all its downstream tables, and ingests no files.
        Raises LakeLockedError while another process writes to the lake.
        """
        selection = RunSelection(full_refresh, start, end, select)
        anew = ("silver", "gold") if full_refresh else ()
        with self._working(), recovered_lease(self.settings.lake, "shoplake run", anew) as lease:
            parts = self.engine, self.catalog, self.state, self.settings
            return PipelineRun(*parts, listener, selection, lease.check).execute()

    def table(self, name: str) -> LakeFrame:
        """All rows of a table, as a DataFrame: `gold.sales_daily`, or without its layer where it is declared.

        Raises UnknownTableError for a name nobody declares, LakeBroken where it cannot be read or nothing ran yet.
        """
        table = self.known.get(name) or self.catalog[name]
        self._exists(table)
        return LakeFrame(self.engine.read(table))

    def sql(self, query: str) -> LakeFrame:
        """The answer to a query in Spark SQL over tables by `layer.name`; it may only read.

        Raises QueryNotAllowedError for anything else, and where the engine cannot make sense of it.
        """
        known = self.known
        tables = {name: known[name] for name in referenced_tables(query, known)}
        for table in tables.values():
            self._exists(table)
        places = {name: self.engine.location(table).sql for name, table in tables.items()}
        try:
            rows = self.engine.session.sql(qualify_tables(query, places))
            _ = rows.schema
        except PySparkException as error:
            refused = QueryNotAllowedError(f"The engine refuses this query: {str(error).splitlines()[0]}")
            raise to_shoplake_error(error, refused) from error
        return LakeFrame(rows)

    def quality(self) -> list[dict[str, Any]]:
        """The rows of `ops.quality` of the last run that wrote each table, in the catalogue's order."""
        self._exists(QUALITY)
        rows = sorted(self.state.read(QUALITY), key=lambda row: row["recorded_at"])
        last = {row["table"]: row["run_id"] for row in rows}
        order = {name: place for place, name in enumerate(self.known)}
        latest = [row for row in rows if row["run_id"] == last[row["table"]]]
        return sorted(latest, key=lambda row: order.get(row["table"], len(order)))

    def watch(
        self, stop: Event, interval_s: float = 10.0, listener: ProgressListener | None = None
    ) -> Iterator[RunResult]:
        """A run every `interval_s` seconds until `stop` is set; files younger than 2 s, or `min_file_age_s`, wait."""
        settings = replace(self.settings, min_file_age_s=max(WATCH_SETTLE_S, self.settings.min_file_age_s))
        with self._working(), recovered_lease(self.settings.lake, "shoplake run --watch") as lease:
            while not stop.is_set():
                began = time.monotonic()
                parts = self.engine, self.catalog, self.state, settings
                yield PipelineRun(*parts, listener, lease_check=lease.check).execute()
                stop.wait(max(0.0, interval_s - (time.monotonic() - began)))

    def stream(
        self, stop: Event, interval_s: float | None = None, allowed_lateness_s: float = 3600.0
    ) -> Iterator[StreamingUpdate]:
        """The same tables by streaming queries on Spark: what has come, then the end; or every `interval_s` seconds.

        Ends when `stop` is set, after the current batch. Events are in `ops.events_live` before the other tables are
        up to date, unless they come more than `allowed_lateness_s` seconds after newer ones; the others miss none.
        Raises UnsupportedFeatureError on Sail, LakeLockedError while another process writes to the lake.
        """
        if self.settings.engine != "spark":
            raise UnsupportedFeatureError(
                "The engine 'sail' has no Structured Streaming. Keep up with: shoplake run --watch; or set "
                'engine = "spark" and remote = "local" in shoplake.toml.'
            )
        from shoplake.pipeline.streaming_job import StreamingJob

        settle_s = 0 if interval_s is None else WATCH_SETTLE_S
        settings = replace(self.settings, min_file_age_s=max(settle_s, self.settings.min_file_age_s))
        with self._working(), recovered_lease(self.settings.lake, "shoplake stream") as lease:
            yield from StreamingJob(self.engine, self.catalog, self.state, settings, lease).run(
                stop, interval_s, allowed_lateness_s
            )

    def explain(self, name: str) -> str:
        """How the engine would build a table from all that it reads: its physical plan, as text."""
        table = self.catalog[name]
        if not table.inputs:
            raise UnknownTableError(
                name, [each.name for each in self.catalog.ordered if each.inputs], read_by="explain"
            )
        for upstream in table.inputs:
            self._exists(self.catalog[upstream])
        knobs: dict[str, Any] = {"feeds": self.settings.feeds} if "feeds" in table.parameters else {}
        return explain_plan(table(*[self.engine.read(self.catalog[each]) for each in table.inputs], **knobs))

    def verify(self) -> list[Problem]:
        """Everything that is not as the logs and the ledger say: files, checksums, counts, gold against silver."""
        if not find_damage(self.settings.lake):
            self._exists(FILES)
        return list(find_problems(self.engine, self.catalog, self.state, self.known.values()))

    def repair(self) -> list[RepairAction]:
        """Mend what `verify` names, from bronze, landing files and whole data files; what was done to which table.

        Raises LakeLockedError while another process writes to the lake.
        """
        with self._working():
            return repair(self.engine, self.catalog, self.state, self.settings, self.known.values())

    def history(self, table: Table[...]) -> list[Commit]:
        """The versions of a table, the newest first."""
        self._exists(table)
        return self.engine.maintenance.history(self.engine.location(table))

    @contextmanager
    def maintain(self) -> Iterator[Maintenance]:
        """Maintenance of the lake, for the length of a `with`. Raises LakeLockedError while another process writes."""
        self._exists(FILES)
        with self._working(), recovered_lease(self.settings.lake, "shoplake maintain"):
            yield Maintenance(self.engine, self.state)

    @contextmanager
    def _working(self) -> Iterator[None]:
        """What goes wrong is said plainly, and an engine that is gone is not asked again."""
        try:
            with translate_errors():
                yield
        except EngineConnectionLostError:
            self.__dict__.pop("engine", None)
            raise

    def _exists(self, table: Table[...]) -> None:
        if is_path_table(table, self.settings.catalog):
            check_heads(self.settings.lake, [table.path])
        if not delta_log.exists(self.at(table)):
            raise LakeBroken(f"There is no {table.qualified_name} in {self.settings.lake} yet. Fill it: shoplake run")
