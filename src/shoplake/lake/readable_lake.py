"""Reads a lake: tables, queries, quality, quarantines, versions and plans of tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shoplake.engine import (
    FILES,
    QUALITY,
    LakeFrame,
    table_exists,
)
from shoplake.errors import DeclarationError
from shoplake.operations.explain import explain_table
from shoplake.operations.funnel_report import report_funnel
from shoplake.operations.table_maintenance import maintenance_backend
from shoplake.quality.error_budget import check_budgets
from shoplake.quality.expired_rows import first_kept_days
from shoplake.quality.gate_check import GateCheck
from shoplake.quality.profile.proposals import profile_table
from shoplake.quality.report import recorded_quality, unmatched_files
from shoplake.quality.staged_gates import acknowledged_days
from shoplake.transforms.funnel import Funnel
from shoplake.transforms.funnel.units import add_person, add_session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame

    from shoplake.operations.funnel_report import FunnelReport
    from shoplake.operations.table_maintenance import Commit
    from shoplake.quality.gates import GateResult
    from shoplake.quality.profile.proposals import TableProfile

from shoplake.lake.quarantined_lake import QuarantinedLake

AS_OF = "AS OF"


class ReadableLake(QuarantinedLake):
    """A lake whose tables can be read and queried."""

    def table(self, name: str) -> LakeFrame:
        """Return all rows of a table. Raises UnknownTableError, and TableNotFoundError where nothing ran yet."""
        table = self._existing(name)
        return LakeFrame(self.engine.read(table), [column.name for column in table.columns])

    def sql(self, query: str) -> LakeFrame:
        """Return the result of a query in Spark SQL over tables by `layer.name`, also `VERSION AS OF` a number.

        Raises QueryNotAllowedError unless it only reads, QueryError where the engine cannot answer it,
        VersionNotFoundError for a version that is gone.
        """
        from shoplake.engine import referenced_tables, referenced_versions, run_query  # a parser of SQL takes long

        known = self.known
        tables_read = {name: self._existing(name) for name in referenced_tables(query, known)}
        versions = referenced_versions(query, known) if AS_OF in query.upper() else set()
        return run_query(self.engine, query, tables_read, versions)

    def quality(self, run_id: str | None = None) -> list[dict[str, Any]]:
        """Return the rows of `ops.quality` of a run, or of the last run that wrote each table, in order."""
        self._existing(QUALITY.qualified_name)
        return recorded_quality(self.state, list(self.known), run_id)

    def quality_report(self) -> str:
        """Return a page about the lake's quality as HTML without scripts; the same lake makes the same text."""
        from shoplake.operations.quality_report.content import collect
        from shoplake.operations.quality_report.page import render

        self._existing(QUALITY.qualified_name)
        with self._working():
            return render(collect(self.engine, self.catalog, self.state, self._with_records()))

    def unmatched_files(self) -> list[str]:
        """Return the files, as `feed: path`, that no stream of their feed's kind reads, by their last record."""
        self._existing(FILES.qualified_name)
        return unmatched_files(self.state)

    def check(self, name: str | None = None, *, days: int = 1) -> list[GateResult]:
        """Return what the gates of a table, or of all tables, measure now. It writes nothing.

        `days` is how many of the last closed days are compared with the weeks before. Tables that were never written
        are left out. Raises UnknownTableError.
        """
        tables = self.catalog.ordered if name is None else [self.catalog[self._existing(name).qualified_name]]
        written = [table for table in tables if table.gates and table_exists(self.path(table.qualified_name))]
        with self._working():
            known = acknowledged_days(self.state)
            now, expired = datetime.now(UTC), first_kept_days(self.catalog, self.state)
            check = GateCheck(self.engine, self.catalog, now, days, known, self.settings.feeds, expired)
            return [*check.check(written), *check_budgets(self.state, written, now)]

    def error_budgets(self) -> list[GateResult]:
        """Return which share of the error budgets of all tables is spent now; more than 1 is too much."""
        with self._working():
            return list(check_budgets(self.state, self.catalog.ordered, datetime.now(UTC)))

    def profile(self, name: str, *, proposes: bool = False) -> TableProfile:
        """Return nulls, distinct values and range of each column of a table; with `proposes`, also rules for it.

        Raises UnknownTableError, and DeclarationError for rules of a table that shoplake writes beside those declared.
        """
        table = self._existing(name)
        if proposes and table.qualified_name not in self.catalog:
            raise DeclarationError(
                f"{table.qualified_name} is written by shoplake beside the tables that are declared, and no project "
                "adds rules to it. Leave out --propose."
            )
        with self._working():
            return profile_table(table, self.engine.read(table), proposes=proposes)

    def last_run_at(self) -> datetime | None:
        """Return when the last recorded run started (UTC); None where there was none."""
        return self.state.last_run_at()

    def history(self, name: str) -> list[Commit]:
        """Return the versions of a table, the newest first."""
        table = self._existing(name)
        return maintenance_backend(self.engine).history(table)

    def explain(self, name: str) -> str:
        """Return the engine's physical plan to build a table from all of its inputs, as text."""
        table = self.catalog[name]
        inputs = [self._existing(self.catalog[each].qualified_name) for each in table.inputs]
        return explain_table(self.engine, self.catalog, table, inputs, self.settings.feeds)

    def funnel(self, steps: Sequence[str], **options: Any) -> FunnelReport:
        """Return how many get from step to step, and who they are; `options` are those of `Funnel`.

        Raises FunnelError for steps and options that do not fit together.
        """
        definition = Funnel(tuple(steps), **options)
        events = self._read("silver.events")
        if definition.count in ("sessions", "persons"):
            events = add_session(events, self._read("silver.sessions"))
        if definition.count == "persons":
            events = add_person(events, self._read("silver.session_identity"))
        return report_funnel(events, definition)

    def _read(self, name: str) -> DataFrame:
        return self.engine.read(self._existing(name))
