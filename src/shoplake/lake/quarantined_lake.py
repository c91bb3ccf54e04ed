"""The quarantines of a lake: records, states, and decisions about them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from shoplake.engine import DECISIONS, FILES, LakeFrame, table_exists, table_version
from shoplake.errors import LandingError, UnknownTableError
from shoplake.lake.open_lake import OpenLake
from shoplake.operations.quarantine.correction_check import (
    EarlierDecisions,
    check_correction,
    check_is_record,
)
from shoplake.operations.quarantine.field_values import set_fields
from shoplake.operations.quarantine.fix_plan import plan_fix
from shoplake.operations.quarantine.originals import BronzeRecords
from shoplake.operations.quarantine.records import (
    RecordFilter,
    check_selection,
    find_records,
    select_records,
    summarise,
)
from shoplake.quality.quarantine import OPEN, SUPERSEDED, count_open, quarantined_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from shoplake.declare import Table
    from shoplake.operations.definitions.record_evaluation import RecordEvaluator
    from shoplake.operations.quarantine.corrections import Correction, FixFile
    from shoplake.operations.quarantine.decided_records import DecidedRecords
    from shoplake.operations.quarantine.life_cycle import QuarantineLifeCycle
    from shoplake.operations.quarantine.preview import Preview, RecordPreview
    from shoplake.pipeline.run_result import ProgressListener


class QuarantinedLake(OpenLake):
    """A lake whose quarantined records can be read, and decided about."""

    def quarantine(self, name: str) -> LakeFrame:
        """Return the quarantined records of a table, with their `record_id` and `state`.

        A record is `superseded` where a valid one of the same key arrived later, `fixed` or `discarded` where somebody
        decided so, else `open`. Raises UnknownTableError for a table without quarantine.
        """
        table = self.with_quarantine(name)
        assert table.quarantine is not None
        rows, decided = quarantined_rows(self.engine, table, table.quarantine), self._decided().rows(table)
        if decided is not None:
            rows = rows.unionByName(decided)
        return LakeFrame(rows, ["record_id", *(column.name for column in table.quarantine.columns), "state"])

    def open_quarantined(self) -> dict[str, int]:
        """Return how many quarantined records of each table are open, of the tables that have any at all."""
        filled = self._with_records()
        return count_open(self.engine, filled) if filled else {}

    def quarantine_summary(
        self, name: str | None = None, selection: RecordFilter | None = None
    ) -> list[dict[str, Any]]:
        """Return how many quarantined records there are, by table and reason; of one table, or of all."""
        selection = selection or RecordFilter()
        tables = self._with_records(selection.state) if name is None else [self.with_quarantine(name)]
        with self._working():
            decided = self._decided()
            if name is not None:
                check_selection(self.engine, tables[0], selection, decided=decided)
            return summarise(self.engine, tables, selection, decided)

    def quarantine_examples(self) -> list[dict[str, Any]]:
        """Return the open records by table and reason, each with `examples`: pairs of a value and a record's place.

        Values of personal columns are masked. The engine is started only where a table has quarantined records.
        """
        from shoplake.operations.quality_report.examples import quarantine_examples

        filled = self._with_records()
        if not filled:
            return []
        with self._working():
            summary = summarise(self.engine, filled, RecordFilter())
            return quarantine_examples(self.engine, self.catalog, filled, summary)

    @property
    def quarantine_version(self) -> int:
        """A number that grows with each write that can change which quarantined records are open."""
        tables = [each for table in self.catalog.ordered if table.quarantine for each in (table, table.quarantine)]
        paths = [self.path(each.qualified_name) for each in (*tables, DECISIONS)]
        return sum(table_version(path) + 1 for path in paths if table_exists(path))

    def select_quarantined(self, name: str, selection: RecordFilter | None = None) -> list[dict[str, Any]]:
        """Return quarantined records of a table; by default those that are open.

        Raises KeyNotFoundError and UnknownReasonError for an id and a reason that none of them has.
        """
        table, selection = self.with_quarantine(name), selection or RecordFilter()
        with self._working():
            decided = self._decided()
            check_selection(self.engine, table, selection, decided=decided)
            return select_records(self.engine, table, selection, decided=decided)

    def quarantined_records(self, ids: Collection[str]) -> dict[Table[...], list[dict[str, Any]]]:
        """Return quarantined records by their ids, by the table whose quarantine has them. Raises KeyNotFoundError."""
        with self._working():
            return find_records(self.engine, self._with_records(None), ids, decided=self._decided())

    def waiting_records(self, name: str | None = None) -> list[dict[str, Any]]:
        """Return the records that wait for a record of another file, such as an item whose order has not arrived.

        They are in no table and in no quarantine yet; of one table, or of all, by feed, file and line. Raises
        UnknownTableError for a table that the lake does not have.
        """
        from shoplake.operations.quarantine.waiting import read_waiting

        tables = self.catalog.ordered if name is None else [self._existing(name)]
        kinds = [feed.kind for feed in self.settings.feeds]
        found = [each for each in tables if any(each.name in kind.waiting for kind in kinds)]
        if not found or not table_exists(self.path(FILES.qualified_name)):
            return []
        with self._working():
            evaluator = self._evaluator()
            return [record for table in found for record in read_waiting(table, evaluator.waiting(table))]

    def tables_of_fix(self, fix: FixFile) -> dict[Table[...], list[Correction]]:
        """Return the corrections of a file by the tables that quarantined the records which they replace.

        Texts that are as they were are left out. A record that the same file replaced before may be in no quarantine
        any more. Raises KeyNotFoundError, and LandingError for a correction that cannot count, and for none.
        """
        decisions = self._decisions()
        before = {row["record_id"]: row["table"] for row in decisions if row["fix_id"] == fix.id}
        with self._working():
            ids = [each.record_id for each in fix.corrections]
            found = find_records(self.engine, self._with_records(None), ids, gone=before, decided=self._decided())
        texts = {each.record_id: each for each in fix.corrections}
        changed = {
            table: [row for row in rows if row["record_id"] in before or row["raw"] != texts[row["record_id"]].raw]
            for table, rows in found.items()
        }
        records = [row for rows in changed.values() for row in rows]
        for record in records:
            check_is_record(record)
        with self._working():
            plan = plan_fix(self._bronze(changed), changed, fix, {row["record_id"] for row in records})
        earlier = EarlierDecisions.of(decisions, fix.id)
        for record in records:
            check_correction(record, plan.new_ids.get(record["record_id"], ()), earlier)
        ids_of = {table: {row["record_id"] for row in rows} for table, rows in changed.items() if rows}
        if ids and not ids_of and not before:
            raise LandingError("Every text in the file is as it was. Correct `raw` of some of its lines.")
        for id, name in before.items():
            if not any(id in some for some in ids_of.values()):
                ids_of.setdefault(self._existing(name), set()).add(id)
        return {table: [each for each in fix.corrections if each.record_id in some] for table, some in ids_of.items()}

    def _bronze(self, tables: Iterable[Table[...]]) -> BronzeRecords:
        return BronzeRecords.of(self.engine, self.catalog, self.settings.feeds, tables)

    def set_fields(self, name: str, selection: RecordFilter, fields: Mapping[str, str]) -> dict[str, str]:
        """Return the texts of the selected records of a table with other values in some fields, by their ids.

        Raises LandingError for a record without such a field, and for one that is made of several.
        """
        table = self.with_quarantine(name)
        records = self.select_quarantined(name, selection)
        for record in records:
            check_is_record(record)
        ids = {record["record_id"] for record in records}
        with self._working():
            found = self._bronze([table]).find(ids)
        rows = {id: some[0] for originals in found.values() for id, some in originals.items()}
        if joined := sorted(ids - set(rows)):
            raise LandingError(f"The record {joined[0]} is made of several records. Correct it in an export.")
        return {id: set_fields(row["raw"], row["header"], fields) for id, row in rows.items()}

    def preview_replay(self, name: str, reason: str | None = None) -> dict[str, Preview]:
        """Return by table what a replay of a table would come to."""
        table = self.with_quarantine(name)
        with self._working():
            preview = self._preview().replay(table, reason)
        return {} if preview is None else {table.qualified_name: preview}

    def preview_fix(self, fix: FixFile, corrections: Mapping[Table[...], list[Correction]]) -> dict[str, Preview]:
        """Return by table what a fix would come to."""
        with self._working():
            previews = {table: self._preview().fix(table, fix, some) for table, some in corrections.items()}
        return {table.qualified_name: each for table, each in previews.items()}

    def _preview(self) -> RecordPreview:
        from shoplake.operations.quarantine.preview import RecordPreview

        return RecordPreview(self.engine, self.catalog, self._evaluator())

    def _decided(self) -> DecidedRecords:
        from shoplake.operations.quarantine.decided_records import DecidedRecords

        return DecidedRecords(self.engine, self.catalog, self.settings.feeds, self._evaluator())

    def _evaluator(self) -> RecordEvaluator:
        from shoplake.operations.definitions.record_evaluation import RecordEvaluator

        return RecordEvaluator(self.engine, self.catalog, self.state, self.settings)

    @contextmanager
    def quarantine_life_cycle(self, listener: ProgressListener | None = None) -> Iterator[QuarantineLifeCycle]:
        """Fix, replay and discard quarantined records inside a `with`.

        Raises LakeLockedError while another process writes to the lake.
        """
        from shoplake.operations.quarantine.life_cycle import QuarantineLifeCycle

        self._existing(FILES.qualified_name)
        with self._updating("shoplake quarantine") as lease:
            self.state.create_if_missing()
            self._definitions().allow_pending()
            arguments = (self.engine, self.catalog, self.state, self.settings, listener, lease.check)
            yield QuarantineLifeCycle(*arguments)

    def decisions(self, record_id: str) -> list[dict[str, Any]]:
        """Return what was decided about a record, in order."""
        rows = [row for row in self._decisions() if row["record_id"] == record_id]
        return sorted(rows, key=lambda row: row["recorded_at"])

    def _decisions(self) -> list[dict[str, Any]]:
        return self.state.read(DECISIONS) if table_exists(self.state.path(DECISIONS)) else []

    def with_quarantine(self, name: str) -> Table[...]:
        """Return a table that has a quarantine. Raises UnknownTableError for others."""
        table = self._existing(name)
        if table.quarantine is None:
            others = [each.name for each in self.catalog.ordered if each.quarantine is not None]
            raise UnknownTableError(name, others, read_by="quarantine")
        return table

    def _with_records(self, state: str | None = OPEN) -> list[Table[...]]:
        """Return the tables that may have quarantined records of a state, or of any."""
        quarantines = {each: each.quarantine for each in self.catalog.ordered}
        counts = {each: self.row_count(own.qualified_name) for each, own in quarantines.items() if own}
        has_decided = state not in (OPEN, SUPERSEDED) and bool(self._decisions())
        return [table for table, count in counts.items() if count or (has_decided and count is not None)]
