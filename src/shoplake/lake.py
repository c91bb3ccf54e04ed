"""The public API: one lake, filled, queried, checked and maintained from Python or a notebook."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake import settings as settings_file
from shoplake import tables
from shoplake.columns.web import STEPS
from shoplake.declare.kind_check import check_kinds
from shoplake.declare.names import find_table
from shoplake.engine import (
    FILES,
    OPS,
    QUALITY,
    EngineRuntime,
    LakeFrame,
    Lease,
    StateStore,
    check_format,
    explain_plan,
    is_path_table,
    referenced_tables,
    row_count,
    run_query,
    table_exists,
    translate_errors,
    write_format,
)
from shoplake.errors import (
    EngineConnectionLostError,
    TableNotFoundError,
    UnknownTableError,
    UnsupportedFeatureError,
)
from shoplake.operations.maintenance import Maintenance
from shoplake.operations.table_maintenance import maintenance_backend
from shoplake.operations.verify import find_problems
from shoplake.pipeline.live_events import live_events_table
from shoplake.pipeline.logged_run import run_logged
from shoplake.pipeline.planner import RunPlan, RunSelection
from shoplake.pipeline.runner import plan_run
from shoplake.project import Project, admit_events, check_mappings, load_project
from shoplake.quality.report import recorded_quality, unmatched_files
from shoplake.tables.silver.events import events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from threading import Event

    from shoplake.declare import Extension, FeedKind, Table
    from shoplake.engine import DeltaEngine, Problem
    from shoplake.operations.table_maintenance import Commit
    from shoplake.pipeline.runner import ProgressListener, RunResult
    from shoplake.pipeline.streaming_progress import StreamingUpdate
    from shoplake.settings import Settings

EVENTS_LIVE = live_events_table(events)
MIN_FILE_AGE_S = 2
"""While watching or streaming, younger files may still be being written."""


class Lake:
    """A shop's tables, and the verbs to fill and query them.

    >>> lake = Lake.open("shoplake.toml")
    >>> lake.run()
    >>> lake.table("gold.sales_daily").to_pandas()
    >>> lake.sql("SELECT sum(net_sales) FROM gold.sales_daily").to_arrow()

    Tables are named `layer.table`, or without the layer where declared. Every method raises IncompatibleLakeError for a
    lake that another version of shoplake has written. `runtime` has the engines; lakes share one by default.
    `project` has the kinds, tables and rules; without it they are shoplake's.
    """

    def __init__(
        self, settings: Settings, runtime: EngineRuntime | None = None, project: Project | None = None
    ) -> None:
        self.settings, self.project = settings, project or Project()
        self.catalog = admit_events(self.project.catalog, settings.feeds)
        check_kinds((feed.kind for feed in settings.feeds), self.catalog, STEPS)
        self.runtime = runtime or EngineRuntime()
        self._has_format = False

    @classmethod
    def open(
        cls,
        path: str | Path = settings_file.FILE,
        *,
        kinds: Iterable[FeedKind] = (),
        tables: Iterable[Table[...]] = (),
        rules: Iterable[Extension] = (),
    ) -> Lake:
        """Return the lake of the settings file at `path`, with the kinds, tables and rules of the project beside it.

        `kinds`, `tables` and `rules` are added to those. Raises SettingsError where the file is missing or invalid,
        ProjectError for a module that cannot be imported, and DeclarationError for what cannot work together.
        """
        path = Path(path)
        use = settings_file.used_packages(path)
        folder = path.resolve().parent
        project = load_project(folder, use, kinds=kinds, tables=tables, extensions=rules)
        return cls(settings_file.load(path, project.kinds), project=project)

    def __repr__(self) -> str:
        feeds = ", ".join(f"{feed.name} ({feed.kind.name})" for feed in self.settings.feeds) or "none"
        return f"Lake({self.settings.lake!r}, engine={self.settings.engine!r}, feeds: {feeds})"

    @cached_property
    def engine(self) -> DeltaEngine:
        """The engine, started when first needed. Raises EngineError where it cannot start or be reached."""
        return self.runtime.open_engine(self.settings)

    @cached_property
    def state(self) -> StateStore:
        """The state store: files ingested, offsets, results of runs."""
        return StateStore(self.settings.lake)

    @property
    def known(self) -> dict[str, Table[...]]:
        """Every table that can be read, by `layer.name`: declared tables, their companions, the ops tables.

        Where there was a stream, its live events too.
        """
        declared = list(self.catalog.ordered)
        companions = [each for table in declared for each in table.companion_tables]
        live = [EVENTS_LIVE] if table_exists(f"{self.settings.lake}/{EVENTS_LIVE.path}") else []
        return {table.qualified_name: table for table in (*declared, *companions, *OPS, *live)}

    def find(self, name: str) -> Table[...]:
        """Return the declaration of a table. Raises UnknownTableError with the nearest name."""
        return find_table(name, self.known)

    def path(self, name: str) -> str:
        """Return the folder of a table; only a catalog needs the engine for it."""
        table = self.find(name)
        in_lake = is_path_table(table, self.settings.catalog)
        return f"{self.settings.lake}/{table.path}" if in_lake else self.engine.path(table)

    def row_count(self, name: str) -> int | None:
        """Return the number of rows of a table, by its log; None where it has not been written yet."""
        path = self.path(name)
        return row_count(path) if table_exists(path) else None

    def run(
        self,
        listener: ProgressListener | None = None,
        *,
        full_refresh: bool = False,
        start: date | None = None,
        end: date | None = None,
        select: str | None = None,
    ) -> RunResult:
        """Ingest new files and bring every table up to date; `listener` is notified of each table.

        `full_refresh` rebuilds all tables from bronze; `start` and `end` (shop-local days, both included) rebuild those
        days; `select` names a table, with a `+` behind it also all its downstream tables, and ingests no files.
        Raises LakeLockedError while another process writes to the lake.
        """
        selection = RunSelection(full_refresh, start, end, select)
        with self._updating("shoplake run") as lease:
            return run_logged(self.engine, self.catalog, self.state, self.settings, listener, selection, lease.check)

    def plan(
        self, full_refresh: bool = False, start: date | None = None, end: date | None = None, select: str | None = None
    ) -> RunPlan:
        """Return what `run` with the same arguments would do now, and why. It writes nothing.

        A table whose inputs the run is going to write has them in `depends_on`: its plan is made once they are written.
        Raises UnknownTableError for a table that does not exist.
        """
        selection = RunSelection(full_refresh, start, end, select)
        self.settings.check_runnable()
        with self._working():
            return plan_run(self.engine, self.catalog, self.state, self.settings, selection)

    def table(self, name: str) -> LakeFrame:
        """Return all rows of a table. Raises UnknownTableError, and TableNotFoundError where nothing ran yet."""
        table = self._existing(name)
        return LakeFrame(self.engine.read(table), [column.name for column in table.columns])

    def sql(self, query: str) -> LakeFrame:
        """Return the result of a query in Spark SQL over tables by `layer.name`.

        Raises QueryNotAllowedError unless it only reads, QueryError where the engine cannot answer it.
        """
        tables_read = {name: self._existing(name) for name in referenced_tables(query, self.known)}
        return run_query(self.engine, query, tables_read)

    def quality(self, run_id: str | None = None) -> list[dict[str, Any]]:
        """Return the rows of `ops.quality` of a run, or of the last run that wrote each table, in order."""
        self._existing(QUALITY.qualified_name)
        return recorded_quality(self.state, list(self.known), run_id)

    def unmatched_files(self) -> list[str]:
        """Return the files, as `feed: path`, that no stream of their feed's kind reads, by their last record."""
        self._existing(FILES.qualified_name)
        return unmatched_files(self.state)

    def watch(
        self, stop: Event, interval_s: float = 10.0, listener: ProgressListener | None = None
    ) -> Iterator[RunResult]:
        """Run every `interval_s` seconds until `stop` is set; yield each result. A run that has begun is finished.

        Files younger than 2 s, or than `min_file_age_s` in the settings if that is more, wait for the next run.
        """
        settings = replace(self.settings, min_file_age_s=max(MIN_FILE_AGE_S, self.settings.min_file_age_s))
        with self._updating("shoplake run --watch") as lease:
            while not stop.is_set():
                began = time.monotonic()
                yield run_logged(self.engine, self.catalog, self.state, settings, listener, lease_check=lease.check)
                stop.wait(max(0.0, interval_s - (time.monotonic() - began)))

    def stream(
        self, stop: Event, interval_s: float | None = None, allowed_lateness_s: float = 3600.0
    ) -> Iterator[StreamingUpdate]:
        """Keep the same tables up to date with Structured Streaming on Spark: once, or every `interval_s` seconds.

        Ends when `stop` is set, once the batch in progress is finished. Events are in `ops.events_live` before other
        tables are up to date, unless they are more than `allowed_lateness_s` seconds late; the others miss none.
        Raises UnsupportedFeatureError on Sail, LakeLockedError while another process writes to the lake.
        """
        if self.settings.engine != "spark":
            raise UnsupportedFeatureError(
                "The engine 'sail' has no Structured Streaming. Keep up with: shoplake run --watch; or set "
                'engine = "spark" and remote = "local" in shoplake.toml.'
            )
        from shoplake.pipeline.streaming_job import StreamingJob

        min_age_s = 0 if interval_s is None else MIN_FILE_AGE_S
        settings = replace(self.settings, min_file_age_s=max(min_age_s, self.settings.min_file_age_s))
        [source] = events.incremental
        with self._updating("shoplake stream") as lease:
            job = StreamingJob(self.engine, self.catalog, self.state, settings, lease, EVENTS_LIVE, source)
            yield from job.run(stop, interval_s, allowed_lateness_s)

    def explain(self, name: str) -> str:
        """Return the engine's physical plan to build a table from all of its inputs, as text."""
        table = self.catalog[name]
        if not table.inputs:
            raise UnknownTableError(
                name, [each.name for each in self.catalog.ordered if each.inputs], read_by="explain"
            )
        inputs = [self.engine.read(self._existing(self.catalog[each].qualified_name)) for each in table.inputs]
        parameters: dict[str, Any] = {"feeds": self.settings.feeds} if "feeds" in table.parameters else {}
        return explain_plan(table(*inputs, **parameters))

    def verify(self) -> list[Problem]:
        """Return everything that differs from logs and state store: files, checksums, counts, totals between tables."""
        self._existing(FILES.qualified_name)
        totals = [each for each in tables.RECONCILIATIONS if each.table in self.catalog]
        return list(find_problems(self.engine, self.catalog, self.state, self.known.values(), totals))

    def history(self, name: str) -> list[Commit]:
        """Return the versions of a table, the newest first."""
        table = self._existing(name)
        return maintenance_backend(self.engine).history(table)

    @contextmanager
    def maintain(self) -> Iterator[Maintenance]:
        """Maintain the lake inside a `with`. Raises LakeLockedError while another process writes to the lake."""
        self._existing(FILES.qualified_name)
        with self._writing("shoplake maintain"):
            yield Maintenance(self.engine, self.state, self.find)

    @contextmanager
    def _updating(self, owner: str) -> Iterator[Lease]:
        """Hold the lease of a lake whose settings and kinds are complete."""
        self.settings.check_runnable()
        with self._writing(owner) as lease:
            if own_kinds := self.project.own_kinds:
                check_mappings(self.catalog, self.settings.feeds, own_kinds, self.engine.session)
            yield lease

    @contextmanager
    def _writing(self, owner: str) -> Iterator[Lease]:
        """Hold the lease of the lake, of this version's format from now on."""
        with self._working(), Lease(self.settings.lake, owner) as lease:
            write_format(self.settings.lake)
            yield lease

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Refuse a lake of another format, translate errors, and forget an engine whose connection is lost."""
        try:
            with translate_errors():
                check_format(self.settings.lake)
                yield
        except EngineConnectionLostError:
            self.__dict__.pop("engine", None)
            raise

    def _existing(self, name: str) -> Table[...]:
        """Return the declaration of a table that has been written in this version's format."""
        table = self.find(name)
        self._has_format = self._has_format or check_format(self.settings.lake)
        if not table_exists(self.path(name)):
            raise TableNotFoundError(table.qualified_name, self.settings.lake)
        return table
