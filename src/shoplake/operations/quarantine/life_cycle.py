"""Fix, replay and discard quarantined records; each can be repeated after an interruption and changes nothing twice."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from shoplake.declare import Scd2, Upsert
from shoplake.engine import DECISIONS, DECISIONS_MARKER, WriteResult, to_micros
from shoplake.operations.definitions.record_evaluation import RecordEvaluator
from shoplake.operations.quarantine.corrections import Correction, FixFile, ingest_fix
from shoplake.operations.quarantine.fix_plan import FixPlan, plan_fix
from shoplake.operations.quarantine.joined_records import parts_in_own_files
from shoplake.operations.quarantine.originals import BronzeRecords
from shoplake.operations.quarantine.records import RecordFilter, check_selection, select_records
from shoplake.pipeline.audit import current_actor, record_decisions
from shoplake.pipeline.logged_run import run_logged
from shoplake.pipeline.planner import RunSelection
from shoplake.pipeline.run_recorder import recorded
from shoplake.quality.gates import UNSTOPPED
from shoplake.quality.quarantine import DISCARDED, FIXED, OPEN, quarantined_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from contextlib import AbstractContextManager

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import DefinitionEngine, StateStore
    from shoplake.pipeline.run_recorder import RunRecorder
    from shoplake.pipeline.run_result import ProgressListener
    from shoplake.settings import Settings


@dataclass
class LifeCycleResult:
    """What a command did: how many records it took, how many are valid now, and which are still bad, by new reason."""

    records: int
    passed: int = 0
    still_bad: dict[str, int] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)
    fix_id: str | None = None


class QuarantineLifeCycle:
    """Acts on quarantined records while the lake's lease is held."""

    def __init__(
        self,
        engine: DefinitionEngine,
        catalog: Catalog,
        state: StateStore,
        settings: Settings,
        listener: ProgressListener | None = None,
        lease_check: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine, self._catalog, self._state, self._settings = engine, catalog, state, settings
        self._listener, self._lease_check = listener, lease_check
        self._evaluator = RecordEvaluator(engine, catalog, state, settings)

    def replay(self, table: Table[...], reason: str | None = None) -> LifeCycleResult:
        """Evaluate the open records of a table again, by the rules and functions of today, and build on what passes."""
        check_selection(self._engine, table, RecordFilter(reason))
        before = self._open(table, reason)
        result = LifeCycleResult(len(before))
        if not before:  # it may have been interrupted before it built on what it had written
            self._build_on([table], result)
            return result
        reasons = {name for record in before for name in record["reasons"]}
        if isinstance(table.write, Upsert | Scd2) and self._is_of_single_records(table):
            self._measured(table, lambda: self._evaluator.replay(table, reasons))
        else:
            self._rebuild(table, result)
        self._build_on([table], result)
        self._count(table, before, result)
        return result

    def discard(self, table: Table[...], selection: RecordFilter, because: str) -> LifeCycleResult:
        """Decide that the open records that are selected do not count any more.

        Of records that were decided before only the tables are brought up to date: it may have been interrupted, and a
        table that is rebuilt has them no more. Raises KeyNotFoundError and UnknownReasonError for what no record of
        the table has.
        """
        before = [row["record_id"] for row in self._state.read(DECISIONS, ["record_id"])]
        check_selection(self._engine, table, selection, gone=before)
        records = select_records(self._engine, table, selection)
        result = LifeCycleResult(len(records))
        bronze = self._bronze([table])
        if records:
            ids = [*(record["record_id"] for record in records), *parts_in_own_files(bronze, records)]
            self._decide(DISCARDED, dict.fromkeys(ids, table), because)
        if records := records or select_records(self._engine, table, replace(selection, state=DISCARDED)):
            self._take_back(bronze, table, [record["record_id"] for record in records], result)
        else:
            self._build_on(self._of_same_records(bronze, table), result)
        return result

    def fix(self, fix: FixFile, corrections: Mapping[Table[...], list[Correction]], because: str) -> LifeCycleResult:
        """Ingest corrected records instead of those they replace, and build on them.

        A table without corrections is brought up to date: an earlier fix of it may have been interrupted.
        """
        texts = {each.record_id: each.raw for some in corrections.values() for each in some}
        result = LifeCycleResult(len(texts), fix_id=fix.id)
        bronze = self._bronze(corrections)
        plan = plan_fix(bronze, corrections, fix, texts)
        if plan.originals and not self._is_decided(fix):
            with self._recorded() as recorder:
                ingest_fix(self._engine, self._catalog, self._state, recorder, plan.file, plan.originals)
        replaced = {each.record_id: table for table, some in corrections.items() for each in some}
        parts = {id: table for table in list(corrections)[:1] for id in plan.parts}
        self._decide(FIXED, parts | replaced, because, fix.id)
        for table, some in corrections.items():
            if ids := [each.record_id for each in some] or self._fixed(table):
                self._take_back(bronze, table, ids, result)
        self._build_on(corrections, result)
        self._count_fixed(bronze, plan, result)
        return result

    def _bronze(self, tables: Iterable[Table[...]]) -> BronzeRecords:
        return BronzeRecords.of(self._engine, self._catalog, self._settings.feeds, tables)

    def _is_decided(self, fix: FixFile) -> bool:
        """Whether the corrections of a file are decisions, which they become once they are in bronze."""
        return any(row["fix_id"] == fix.id for row in self._state.read(DECISIONS, ["fix_id"]))

    def _fixed(self, table: Table[...]) -> list[str]:
        """Return the ids of the records in the quarantine of a table that were fixed."""
        return [row["record_id"] for row in select_records(self._engine, table, RecordFilter(state=FIXED))]

    def _is_of_single_records(self, table: Table[...]) -> bool:
        """Whether all quarantined records of a table can be evaluated one by one."""
        assert table.quarantine is not None
        return self._bronze([table]).has_all(quarantined_rows(self._engine, table, table.quarantine))

    def _open(self, table: Table[...], reason: str | None) -> list[dict[str, Any]]:
        return select_records(self._engine, table, RecordFilter(reason, OPEN))

    def _decide(
        self, decision: str, records: Mapping[str, Table[...]], because: str, fix_id: str | None = None
    ) -> None:
        """Append the decisions that are not recorded yet, and one row of the audit for each table."""
        known = {(row["record_id"], row["decision"], row["fix_id"]) for row in self._state.read(DECISIONS)}
        new = {id: table for id, table in records.items() if (id, decision, fix_id) not in known}
        if not new:
            return
        run, at, actor = uuid.uuid4().hex, self._state.next_run_time(), current_actor()
        stamp = {"decision": decision, "fix_id": fix_id, "actor": actor, "because": because, "run_id": run}
        rows = [
            {"record_id": id, "table": table.qualified_name, **stamp, "recorded_at": at} for id, table in new.items()
        ]
        self._state.append(DECISIONS, rows, {DECISIONS_MARKER: to_micros(at)})
        names = [table.qualified_name for table in new.values()]
        subjects = [f"{names.count(name)} records of {name}" for name in dict.fromkeys(names)]
        record_decisions(self._state, run, at, actor, f"quarantine {decision}", subjects, because)

    def _take_back(
        self, bronze: BronzeRecords, table: Table[...], ids: Collection[str], result: LifeCycleResult
    ) -> None:
        """Rebuild the tables that may have rows made of a part of the records which a table quarantined."""
        tables = self._of_same_records(bronze, table)
        if table not in tables and bronze.is_part_valid(self._evaluator, table, ids):
            tables.append(table)
        for each in tables:
            self._rebuild(each, result)
            self._build_on([each], result)

    def _of_same_records(self, bronze: BronzeRecords, table: Table[...]) -> list[Table[...]]:
        """Return the tables that may have rows made of a record that the table quarantined.

        Of an upserted table or a history itself this depends on the record.
        """
        is_merged = isinstance(table.write, Upsert | Scd2)
        return [each for each in bronze.tables if not (each.name == table.name and is_merged)]

    def _rebuild(self, table: Table[...], result: LifeCycleResult) -> None:
        """Build a table again, and leave what does not differ, so that nothing is built on it."""
        self._run(RunSelection(full_refresh=True, select=table.qualified_name, keeps_equal=True), result)

    def _build_on(self, tables: Iterable[Table[...]], result: LifeCycleResult) -> None:
        """Bring the tables and all that is made of them up to date."""
        for table in tables:
            self._run(RunSelection(select=f"{table.qualified_name}+"), result)

    def _run(self, selection: RunSelection, result: LifeCycleResult) -> None:
        arguments = (self._engine, self._catalog, self._state, self._settings, self._listener, selection)
        run = run_logged(*arguments, self._lease_check, acceptance=UNSTOPPED)
        result.tables += [step.table for step in run.tables if step.table not in result.tables]

    def _measured(self, table: Table[...], write: Callable[[], WriteResult]) -> None:
        """Write to a table and record the result as that of a run."""
        with self._recorded() as recorder, recorder.measure(table) as step:
            step.result = write()

    def _recorded(self) -> AbstractContextManager[RunRecorder]:
        feeds = self._settings.feeds
        return recorded(self._engine, self._state, self._listener, self._lease_check, feeds=feeds)

    def _count(self, table: Table[...], before: Collection[dict[str, Any]], result: LifeCycleResult) -> None:
        """Count which of the records are still quarantined, by their first reason of today."""
        ids = tuple(record["record_id"] for record in before)
        still = {row["record_id"]: row for row in select_records(self._engine, table, RecordFilter(None, OPEN, ids))}
        for row in still.values():
            result.still_bad[row["reasons"][0]] = result.still_bad.get(row["reasons"][0], 0) + 1
        result.passed = len(set(ids)) - len(still)

    def _count_fixed(self, bronze: BronzeRecords, plan: FixPlan, result: LifeCycleResult) -> None:
        """Count which of the corrected records are quarantined, each once, by the first reason of its first table."""
        of = {new: id for id, some in plan.new_ids.items() for new in some}
        bad: dict[str, str] = {}
        for table in bronze.tables if of else ():
            for record in select_records(self._engine, table, RecordFilter(None, OPEN, tuple(of))):
                bad.setdefault(of[record["record_id"]], record["reasons"][0])
        result.still_bad = dict(Counter(bad.values()))
        result.passed = max(0, result.records - len(bad))


def to_fix_line(record: Mapping[str, Any]) -> str:
    """Return a record as a line of an export, which `fix` reads back once `raw` is corrected."""
    return json.dumps({name: record[name] for name in ("record_id", "raw", "reasons")}, ensure_ascii=False)
