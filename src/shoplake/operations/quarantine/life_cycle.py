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
from shoplake.operations.quarantine.corrections import Correction, FixFile, corrected_id, ingest_fix
from shoplake.operations.quarantine.records import RecordFilter, bronze_rows, check_selection, select_records
from shoplake.pipeline.audit import current_actor, record_decisions
from shoplake.pipeline.logged_run import run_logged
from shoplake.pipeline.planner import RunSelection
from shoplake.pipeline.run_recorder import recorded
from shoplake.quality.quarantine import DISCARDED, FIXED, OPEN

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
        if isinstance(table.write, Upsert | Scd2):
            self._measured(table, lambda: self._evaluator.replay(table, reasons))
        else:
            self._rebuild(table, result)
        self._build_on([table], result)
        self._count(table, before, result)
        return result

    def discard(self, table: Table[...], selection: RecordFilter, because: str) -> LifeCycleResult:
        """Decide that the open records that are selected do not count any more.

        Of records that were discarded before only the tables are brought up to date: it may have been interrupted, and
        a table that is rebuilt has them no more. Raises KeyNotFoundError and UnknownReasonError for what no record of
        the table has.
        """
        before = [row["record_id"] for row in self._state.read(DECISIONS) if row["decision"] == DISCARDED]
        check_selection(self._engine, table, selection, gone=before)
        records = select_records(self._engine, table, selection)
        result = LifeCycleResult(len(records))
        if records:
            self._decide(DISCARDED, {record["record_id"]: table for record in records}, because)
        if records or select_records(self._engine, table, replace(selection, state=DISCARDED), limit=1):
            self._take_back(table, result)
        else:
            self._build_on(self._of_same_records(table), result)
        return result

    def fix(self, fix: FixFile, corrections: Mapping[Table[...], list[Correction]], because: str) -> LifeCycleResult:
        """Ingest corrected records instead of those they replace, and build on them.

        A table without corrections is brought up to date: an earlier fix of it may have been interrupted.
        """
        texts = {each.record_id: each.raw for some in corrections.values() for each in some}
        result = LifeCycleResult(len(texts), fix_id=fix.id)
        originals = self._originals(corrections, texts) if texts else {}
        if texts:
            with self._recorded() as recorder:
                ingest_fix(self._engine, self._catalog, self._state, recorder, fix, originals)
        replaced = {each.record_id: table for table, some in corrections.items() for each in some}
        self._decide(FIXED, replaced, because, fix.id)
        for table, some in corrections.items():
            if some or select_records(self._engine, table, RecordFilter(state=FIXED), limit=1):
                self._take_back(table, result)
        self._build_on(corrections, result)
        if texts:
            self._count_fixed(texts, originals, result)
        return result

    def _originals(self, tables: Iterable[Table[...]], ids: Collection[str]) -> dict[str, dict[str, Any]]:
        """Return the bronze rows of the records that are corrected, by the bronze table and their ids."""
        names = dict.fromkeys(name for table in tables for name in table.incremental)
        found = bronze_rows(self._engine, self._catalog, names, ids)
        return {name: {row["_id"]: row for row in rows} for name, rows in found.items()}

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

    def _take_back(self, table: Table[...], result: LifeCycleResult) -> None:
        """Rebuild the tables that may have rows made of a part of a record of the same bronze tables.

        A row of an upserted table or a history is one record: where it was quarantined, there is none.
        """
        for each in self._of_same_records(table):
            self._rebuild(each, result)
            self._build_on([each], result)

    def _of_same_records(self, table: Table[...]) -> list[Table[...]]:
        """Return the tables that may have rows made of a part of a record that the table quarantined."""
        return [
            each
            for each in self._catalog.ordered
            if each.layer == "silver"
            and set(each.incremental) & set(table.incremental)
            and not (each.name == table.name and isinstance(table.write, Upsert | Scd2))
        ]

    def _rebuild(self, table: Table[...], result: LifeCycleResult) -> None:
        self._run(RunSelection(full_refresh=True, select=table.qualified_name), result)

    def _build_on(self, tables: Iterable[Table[...]], result: LifeCycleResult) -> None:
        """Bring the tables and all that is made of them up to date."""
        for table in tables:
            self._run(RunSelection(select=f"{table.qualified_name}+"), result)

    def _run(self, selection: RunSelection, result: LifeCycleResult) -> None:
        run = run_logged(
            self._engine, self._catalog, self._state, self._settings, self._listener, selection, self._lease_check
        )
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

    def _count_fixed(
        self, texts: Mapping[str, str], originals: Mapping[str, Mapping[str, Any]], result: LifeCycleResult
    ) -> None:
        """Count which of the corrected records are quarantined, each once, by the first reason of its first table."""
        ids = tuple(corrected_id(row, texts[id]) for rows in originals.values() for id, row in rows.items())
        bad: dict[str, str] = {}
        for table in self._catalog.ordered:
            if table.quarantine is not None and set(table.incremental) & set(originals):
                for record in select_records(self._engine, table, RecordFilter(None, OPEN, ids)):
                    bad.setdefault(record["record_id"], record["reasons"][0])
        result.still_bad = dict(Counter(bad.values()))
        result.passed = max(0, result.records - len(bad))


def to_fix_line(record: Mapping[str, Any]) -> str:
    """Return a record as a line of an export, which `fix` reads back once `raw` is corrected."""
    return json.dumps({name: record[name] for name in ("record_id", "raw", "reasons")}, ensure_ascii=False)
