"""The public API: one lake, filled, queried, checked and maintained from Python or a notebook."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake import settings as settings_file
from shoplake.engine import FILES, check_format, find_damage, table_exists
from shoplake.errors import TableNotFoundError
from shoplake.pipeline.audit import current_actor
from shoplake.pipeline.planner import RunPlan, RunSelection
from shoplake.pipeline.scheduler import WatchPace
from shoplake.project import load_project
from shoplake.quality.gates import Acceptance
from shoplake.tables.silver.events import events

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date
    from threading import Event

    from shoplake.declare import Extension, FeedKind, Table
    from shoplake.engine import Problem
    from shoplake.operations.definitions.change_plan import ChangePlan
    from shoplake.operations.integrity.repair import RepairAction
    from shoplake.pipeline.runner import ProgressListener, RunResult, TableResult
    from shoplake.pipeline.streaming.streaming_progress import StreamingUpdate

from shoplake.lake.observed_lake import ObservedLake
from shoplake.lake.open_lake import EVENTS_LIVE

MIN_FILE_AGE_S = 2
"""While watching or streaming, younger files may still be being written."""


class Lake(ObservedLake):
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
        layer: str | None = None,
        accept: Collection[str] = (),
        because: str = "",
    ) -> RunResult:
        """Ingest new files and bring every table up to date; `listener` is notified of each table.

        `full_refresh` rebuilds all tables from bronze; `start` and `end` (shop-local days, both included) rebuild those
        days; `select` names a table, with a `+` behind it also all its downstream tables, and ingests no files; `layer`
        is `bronze`, which takes in new files, or `silver` or `gold`, which are updated with what is there.
        Models are trained and scored afterwards where `retrain` in the settings says so and they are due; the next run
        takes their scores into `gold.customer_360`. Files are maintained as `[maintenance]` says. `accept` names rules,
        as `layer.table.rule`, that do not stop this run, and `because` says why; both are in `ops.audit`. Raises
        LakeLockedError while another process writes to the lake, PendingChangesError where the code or settings have
        changes that `apply` has not applied, UnknownRuleError for a rule that cannot stop a run.
        """
        from shoplake.pipeline.logged_run import run_logged

        selection = RunSelection(full_refresh, start, end, select, layer)
        acceptance = Acceptance(frozenset(accept), current_actor(), because).checked(self.catalog)
        is_full = full_refresh and selection.is_whole
        with (
            self.alerts.failures(),
            self._updating("shoplake run", selection.rebuilt_layers) as lease,
            self._definitions().during_run(listener, lease.check, full_refresh=is_full) as left,
        ):
            arguments = (self.engine, self.catalog, self.state, self.settings, listener, selection, lease.check)
            result = run_logged(*arguments, acceptance=acceptance)
            left |= result.blocked
            self._maintain_if_due(result)
        self.alerts.after_run(result)
        if selection.is_whole or layer == "gold":
            self.retrain_if_due(listener)
        return result

    def plan(
        self,
        full_refresh: bool = False,
        start: date | None = None,
        end: date | None = None,
        select: str | None = None,
        layer: str | None = None,
    ) -> RunPlan:
        """Return what `run` with the same arguments would do now, and why. It writes nothing.

        A table whose inputs the run is going to write has them in `depends_on`: its plan is made once they are written.
        Raises UnknownTableError for a table that does not exist.
        """
        from shoplake.pipeline.runner import plan_run

        selection = RunSelection(full_refresh, start, end, select, layer)
        self.settings.check_runnable()
        with self._working():
            return plan_run(self.engine, self.catalog, self.state, self.settings, selection)

    def plan_changes(self) -> ChangePlan:
        """Return what the current code and settings mean for the rows of each table.

        Where a table's definition was never recorded, the current one is recorded as its baseline. Raises
        DeclarationError or SchemaMismatchError where a function fails on the declared columns, and SettingsError as
        `run` does: without the kind of a feed its tables would be empty.
        """
        self.settings.check_runnable()
        with self._working():
            definitions = self._definitions()
            plan = definitions.plan()
            if plan.unknown_before:
                with self._writing("shoplake plan"):
                    definitions.record_baseline(plan)
            return plan

    def apply(
        self, listener: ProgressListener | None = None, *, select: str | None = None, keep: Collection[str] = ()
    ) -> list[TableResult]:
        """Bring the tables to the current code and settings; return the results of the tables that were written.

        `select` names a table, with a `+` behind it also all its downstream tables. Tables in `keep` keep their rows:
        only their definition is recorded. Raises LakeLockedError while another process writes to the lake, and
        SettingsError as `run` does.
        """
        with self._updating("shoplake apply") as lease:
            return self._definitions().apply(select, keep, listener, lease.check)

    def watch(
        self,
        stop: Event,
        interval_s: float = 10.0,
        listener: ProgressListener | None = None,
        pace: WatchPace | None = None,
    ) -> Iterator[RunResult]:
        """Run every `interval_s` seconds until `stop` is set; yield each result. A run that has begun is finished.

        Files younger than 2 s, or than `min_file_age_s` in the settings if that is more, wait for the next run. Tables
        with a `watch_interval` wait for it while new files keep coming; `pace` is that of a watch that goes on. A table
        that is stopped is judged again when something that it depends on has changed.
        The embedded engine keeps 5 to 10 MB of memory for each run that writes all tables, until the process ends: only
        `shoplake run --watch` starts its process again before that is too much.
        """
        from shoplake.pipeline.logged_run import run_logged
        from shoplake.pipeline.stopped_tables import StoppedTables

        settings = replace(self.settings, min_file_age_s=max(MIN_FILE_AGE_S, self.settings.min_file_age_s))
        with (
            self.alerts.failures(),
            self._updating("shoplake run --watch") as lease,
            self._definitions().during_run(None, lease.check),
        ):
            arguments = (self.engine, self.catalog, self.state, settings, listener)
            run = partial(run_logged, *arguments, lease_check=lease.check, stopped=StoppedTables())
            for result in (pace or WatchPace(self.catalog)).repeat(run, stop, interval_s):
                self.engine.keep_session()
                self.alerts.after_run(result)
                yield self._maintain_if_due(result)

    def stream(
        self, stop: Event, interval_s: float | None = None, allowed_lateness_s: float = 3600.0
    ) -> Iterator[StreamingUpdate]:
        """Keep the same tables up to date with Structured Streaming on Spark: once, or every `interval_s` seconds.

        Ends when `stop` is set, once the batch in progress is finished. Events are in `ops.events_live` before other
        tables are up to date, unless they are more than `allowed_lateness_s` seconds late; the others miss none.
        Raises UnsupportedFeatureError on Sail, LakeLockedError while another process writes to the lake.
        """
        from shoplake.pipeline.streaming.streaming_job import StreamingJob, check_streaming

        check_streaming(self.settings)
        min_age_s = 0 if interval_s is None else MIN_FILE_AGE_S
        settings = replace(self.settings, min_file_age_s=max(min_age_s, self.settings.min_file_age_s))
        with (
            self.alerts.failures(),
            self._updating("shoplake stream") as lease,
            self._definitions().during_run(None, lease.check),
        ):
            arguments = (self.engine, self.catalog, self.state, settings, lease, EVENTS_LIVE)
            job = StreamingJob(*arguments, events.incremental[0])
            yield from job.run(stop, interval_s, allowed_lateness_s)

    def verify(self) -> list[Problem]:
        """Return everything that differs from logs and state store: files, checksums, counts, totals between tables."""
        from shoplake.operations.integrity.verify import find_problems

        check_format(self.settings.lake)
        if not find_damage(self.settings.lake):
            self._existing(FILES.qualified_name)
        return list(find_problems(self.engine, self.catalog, self.state, self.known.values()))

    def repair(self) -> list[RepairAction]:
        """Mend what `verify` names, from bronze, landing files and intact data files.

        Raises LakeLockedError while another process writes to the lake, SettingsError as `run` does, and
        TableNotFoundError where there is no lake yet.
        """
        from shoplake.operations.integrity.repair import repair

        self.settings.check_runnable()
        with self._working():
            if not find_damage(self.settings.lake) and not any(table_exists(self.path(name)) for name in self.known):
                raise TableNotFoundError(FILES.qualified_name, self.settings.lake)
            arguments = (self.engine, self.catalog, self.state, self.settings, self.known.values())
            return repair(*arguments, self._definitions().allow_pending)
