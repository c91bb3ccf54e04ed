"""Quarantined records that a command selects."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from shoplake.errors import KeyNotFoundError, ShoplakeError, hint
from shoplake.quality.quarantine import OPEN, quarantined_rows
from shoplake.quality.quarantine_warnings import TYPE_RULE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine import TableReader
    from shoplake.operations.quarantine.decided_records import DecidedRecords

EXAMPLES = 3
"""Records that an error names, of those that there are."""
SHOWN = ["record_id", "feed", "record_key", "reasons", "file", "line", "quarantined_at", "state", "raw"]


@dataclass(frozen=True)
class RecordFilter:
    """Which quarantined records of a table: of one reason, of a state (None: any), or by their ids."""

    reason: str | None = None
    state: str | None = OPEN
    ids: tuple[str, ...] = ()

    def apply(self, rows: DataFrame) -> DataFrame:
        """Return the rows that are selected."""
        if self.reason is not None:
            rows = rows.where(F.array_contains("reasons", self.reason))
        if self.state is not None:
            rows = rows.where(F.col("state") == self.state)
        return rows.where(F.col("record_id").isin([*self.ids])) if self.ids else rows


ANY = RecordFilter(state=None)
"""All records of a table."""


class UnknownReasonError(ShoplakeError):
    """A table has no rule of this name, and no record that was quarantined for such a reason."""

    def __init__(self, table: str, reason: str, known: Collection[str]) -> None:
        super().__init__(f"{table} has no record that is quarantined for '{reason}'. {hint(reason, set(known))}")
        self.table, self.reason = table, reason


def select_records(
    engine: TableReader,
    table: Table[...],
    selection: RecordFilter,
    limit: int | None = None,
    decided: DecidedRecords | None = None,
) -> list[dict[str, Any]]:
    """Return the quarantined records of a table with the columns of `SHOWN`, by file and line.

    A record is one, with the reasons of all its parts: an order has a row in the quarantine for each bad line. `limit`
    bounds the rows that are read. `decided` are records that the quarantine has no more.
    """
    found = _rows(engine, table, selection, decided)
    if found is None:
        return []
    rows = found.select(*SHOWN).orderBy("feed", "file", "line", "record_id")
    records: dict[str, dict[str, Any]] = {}
    for row in (rows if limit is None else rows.limit(limit)).collect():
        record = records.setdefault(row.record_id, row.asDict() | {"reasons": []})
        record["reasons"] += [name for name in row.reasons if name not in record["reasons"]]
    return list(records.values())


def _rows(
    engine: TableReader, table: Table[...], selection: RecordFilter, decided: DecidedRecords | None
) -> DataFrame | None:
    """Return the selected rows of a table's quarantine, and those of the records that it has no more; None for none."""
    if table.quarantine is None:
        return None
    lost = None if decided is None else decided.rows(table, selection.state, selection.ids)
    if not engine.row_count(table.quarantine):
        return None if lost is None else selection.apply(lost)
    rows = quarantined_rows(engine, table, table.quarantine)
    return selection.apply(rows if lost is None else rows.unionByName(lost))


def find_records(
    engine: TableReader,
    tables: Iterable[Table[...]],
    ids: Collection[str],
    *,
    gone: Collection[str] = (),
    decided: DecidedRecords | None = None,
) -> dict[Table[...], list[dict[str, Any]]]:
    """Return the records of some ids by the table whose quarantine has them.

    Raises KeyNotFoundError for an id that no quarantine has and that is not among those which are `gone`.
    """
    tables = list(tables)
    found: dict[Table[...], list[dict[str, Any]]] = {}
    for table in tables if ids else ():
        if of_table := select_records(engine, table, RecordFilter(state=None, ids=tuple(ids)), decided=decided):
            found[table] = of_table
    records = [record for some in found.values() for record in some]
    check_ids(engine, tables, [id for id in ids if id not in gone], records)
    return found


def check_ids(
    engine: TableReader, tables: Iterable[Table[...]], ids: Iterable[str], records: Iterable[Mapping[str, Any]]
) -> None:
    """Raise KeyNotFoundError for an id that no record has, with some that records of the tables have."""
    known = {record["record_id"] for record in records}
    unknown = next((id for id in ids if id not in known), None)
    if unknown is None:
        return
    some = (record for table in tables for record in select_records(engine, table, ANY, EXAMPLES))
    like = [record["record_id"] for record in islice(some, EXAMPLES)]
    raise KeyNotFoundError(unknown, "record_id", "The quarantine", like)


def check_selection(
    engine: TableReader,
    table: Table[...],
    selection: RecordFilter,
    *,
    gone: Collection[str] = (),
    decided: DecidedRecords | None = None,
) -> None:
    """Check that what a command names is there, whatever its state.

    Raises KeyNotFoundError for an id that no record of the table has and that is not among those which are `gone`,
    UnknownReasonError for a reason that is neither a rule of the table, nor that a value does not fit a column, nor the
    reason of any record in its quarantine: a command that is repeated may have corrected all of them.
    """
    if selection.ids:
        named = select_records(engine, table, RecordFilter(state=None, ids=selection.ids), decided=decided)
        check_ids(engine, [table], [id for id in selection.ids if id not in gone], named)
    rules = [rule.name for rule in table.expectations] + [f"{column.name}{TYPE_RULE}" for column in table.columns]
    if selection.reason is None or selection.reason in rules:
        return
    reasons = [row["reason"] for row in summarise(engine, [table], ANY, decided)]
    if reasons and selection.reason not in reasons:
        raise UnknownReasonError(table.qualified_name, selection.reason, [*rules, *reasons])


def summarise(
    engine: TableReader,
    tables: Iterable[Table[...]],
    selection: RecordFilter,
    decided: DecidedRecords | None = None,
) -> list[dict[str, Any]]:
    """Return for each table and reason how many records are selected, and when the oldest and the newest arrived."""
    summary = []
    for table in tables:
        rows = _rows(engine, table, selection, decided)
        if rows is None:
            continue
        reasons = rows.select(F.explode("reasons").alias("reason"), "quarantined_at", "record_id")
        counted = reasons.groupBy("reason").agg(
            F.countDistinct("record_id").alias("records"),
            F.min("quarantined_at").alias("oldest_at"),
            F.max("quarantined_at").alias("newest_at"),
        )
        for row in counted.orderBy(F.col("records").desc(), "reason").collect():
            if selection.reason in (None, row.reason):
                summary.append({"table": table.qualified_name, **row.asDict()})
    return summary
