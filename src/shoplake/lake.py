"""The public API: one lake, filled, queried, checked and maintained from Python or a notebook."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake import settings as settings_file
from shoplake import tables
from shoplake.engine import (
    FILES,
    QUALITY,
    LakeFrame,
    check_format,
    find_damage,
    referenced_tables,
    run_query,
)
from shoplake.errors import UnknownTableError
from shoplake.operations.explain import explain_table
from shoplake.operations.maintenance import Maintenance
from shoplake.operations.repair import repair
from shoplake.operations.table_maintenance import maintenance_backend
from shoplake.operations.verify import find_problems
from shoplake.pipeline.logged_run import run_logged
from shoplake.pipeline.planner import RunPlan, RunSelection
from shoplake.pipeline.runner import plan_run
from shoplake.pipeline.scheduler import repeat
from shoplake.project import load_project
from shoplake.quality.quarantine import count_open, quarantined_rows
from shoplake.quality.report import recorded_quality, unmatched_files
from shoplake.tables.silver.events import events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from threading import Event

    from shoplake.declare import Extension, FeedKind, Table
    from shoplake.engine import Problem
    from shoplake.operations.repair import RepairAction
    from shoplake.operations.table_maintenance import Commit
    from shoplake.pipeline.runner import ProgressListener, RunResult
    from shoplake.pipeline.streaming_progress import StreamingUpdate

from shoplake.open_lake import EVENTS_LIVE, OpenLake

MIN_FILE_AGE_S = 2
"""While watching or streaming, younger files may still be being written."""


class Lake(OpenLake):
    """A shop's tables, and the verbs to fill and query them.

    >>> lake = Lake.open("shoplake.toml")
    >>> lake.run()
    >>> lake.table("gold.sales_daily").to_pandas()
    >>> lake.sql("SELECT sum(net_sales) FROM gold.sales_daily").to_arrow()

    Tables are named `layer.table`, or without the layer where declared. Every method raises IncompatibleLakeError for a
    lake that another version of shoplake has written. `runtime` has the engines; lakes share one by default.
    `project` has the kinds, tables and rules; without it they are shoplake's.
    """

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
        project = load_project(path.resolve().parent, use, kinds=kinds, tables=tables, extensions=rules)
        return cls(settings_file.load(path, project.kinds), project=project)

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
        with self._updating("shoplake run", ("silver", "gold") if full_refresh else ()) as lease:
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

    def quarantine(self, name: str) -> LakeFrame:
        """Return the quarantined records of a table, with their `state`.

        A record is `superseded` where a valid one of the same key arrived later, else `open`. Raises UnknownTableError
        for a table without quarantine.
        """
        table = self._existing(name)
        if table.quarantine is None:
            others = [each.name for each in self.catalog.ordered if each.quarantine is not None]
            raise UnknownTableError(name, others, read_by="quarantine")
        rows = quarantined_rows(self.engine, table, table.quarantine)
        return LakeFrame(rows, [*(column.name for column in table.quarantine.columns), "state"])

    def open_quarantined(self) -> dict[str, int]:
        """Return how many quarantined records of each table are open, of the tables that have any at all."""
        quarantines = {each: each.quarantine for each in self.catalog.ordered}
        filled = [table for table, each in quarantines.items() if each and self.row_count(each.qualified_name)]
        return count_open(self.engine, filled) if filled else {}

    def watch(
        self, stop: Event, interval_s: float = 10.0, listener: ProgressListener | None = None
    ) -> Iterator[RunResult]:
        """Run every `interval_s` seconds until `stop` is set; yield each result. A run that has begun is finished.

        Files younger than 2 s, or than `min_file_age_s` in the settings if that is more, wait for the next run.
        """
        settings = replace(self.settings, min_file_age_s=max(MIN_FILE_AGE_S, self.settings.min_file_age_s))
        with self._updating("shoplake run --watch") as lease:
            run = partial(run_logged, self.engine, self.catalog, self.state, settings, listener)
            yield from repeat(partial(run, lease_check=lease.check), stop, interval_s)

    def stream(
        self, stop: Event, interval_s: float | None = None, allowed_lateness_s: float = 3600.0
    ) -> Iterator[StreamingUpdate]:
        """Keep the same tables up to date with Structured Streaming on Spark: once, or every `interval_s` seconds.

        Ends when `stop` is set, once the batch in progress is finished. Events are in `ops.events_live` before other
        tables are up to date, unless they are more than `allowed_lateness_s` seconds late; the others miss none.
        Raises UnsupportedFeatureError on Sail, LakeLockedError while another process writes to the lake.
        """
        from shoplake.pipeline.streaming_job import StreamingJob, check_streaming

        check_streaming(self.settings)
        min_age_s = 0 if interval_s is None else MIN_FILE_AGE_S
        settings = replace(self.settings, min_file_age_s=max(min_age_s, self.settings.min_file_age_s))
        [source] = events.incremental
        with self._updating("shoplake stream") as lease:
            job = StreamingJob(self.engine, self.catalog, self.state, settings, lease, EVENTS_LIVE, source)
            yield from job.run(stop, interval_s, allowed_lateness_s)

    def explain(self, name: str) -> str:
        """Return the engine's physical plan to build a table from all of its inputs, as text."""
        table = self.catalog[name]
        inputs = [self._existing(self.catalog[each].qualified_name) for each in table.inputs]
        return explain_table(self.engine, self.catalog, table, inputs, self.settings.feeds)

    def verify(self) -> list[Problem]:
        """Return everything that differs from logs and state store: files, checksums, counts, totals between tables."""
        check_format(self.settings.lake)
        if not find_damage(self.settings.lake):
            self._existing(FILES.qualified_name)
        names = {table.qualified_name for table in self.catalog.ordered}
        totals = [each for each in tables.RECONCILIATIONS if each.table in names]
        return list(find_problems(self.engine, self.catalog, self.state, self.known.values(), totals))

    def repair(self) -> list[RepairAction]:
        """Mend what `verify` names, from bronze, landing files and intact data files.

        Raises LakeLockedError while another process writes to the lake, and SettingsError as `run` does.
        """
        self.settings.check_runnable()
        with self._working():
            return repair(self.engine, self.catalog, self.state, self.settings, self.known.values())

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
