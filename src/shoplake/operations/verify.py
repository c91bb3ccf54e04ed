"""Check a lake against its logs and its ledger: files, checksums, counts, and gold against silver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.declare import Upsert
from shoplake.engine.state.ops_tables import CHECKSUMS, OPS, TABLE_RUNS
from shoplake.engine.storage import delta_log, filesystem
from shoplake.engine.storage.head_check import Severity, find_damage
from shoplake.engine.storage.integrity import Problem, table_problems
from shoplake.engine.storage.salvage import read_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine.state.state_store import StateStore
    from shoplake.engine.write.delta_engine import DeltaEngine

TOTALS = (
    (
        "gold.sales_daily",
        "net sales differ from the order lines'",
        "SELECT sum(net_sales) FROM gold.sales_daily",
        "SELECT cast(sum(amount) AS decimal(18,2)) FROM silver.order_lines WHERE line_class = 'discount' "
        "OR (line_class = 'goods' AND kind IN ('sale', 'return'))",
    ),
    (
        "gold.product_performance_daily",
        "gross sales differ from the order lines'",
        "SELECT sum(gross) FROM gold.product_performance_daily",
        "SELECT cast(sum(amount) AS decimal(18,2)) FROM silver.order_lines "
        "WHERE line_class = 'goods' AND kind = 'sale'",
    ),
    (
        "gold.purchases",
        "its rows are not the purchase events",
        "SELECT count(*) FROM gold.purchases",
        "SELECT count(*) FROM silver.events WHERE event_name = 'purchase'",
    ),
    (
        "silver.sessions",
        "its events are not all events",
        "SELECT sum(events) FROM silver.sessions",
        "SELECT count(*) FROM silver.events",
    ),
)
"""A table, what is wrong if the two queries differ, and the queries. Amounts may differ by rounding, a cent a day."""


def find_problems(
    engine: DeltaEngine, catalog: Catalog, ledger: StateStore, known: Iterable[Table[...]]
) -> Iterator[Problem]:
    """Everything that is not as it should be; nothing if all is well."""
    is_broken = False
    for problem in file_problems(engine, ledger, known):
        is_broken = True
        yield problem
    if not is_broken:
        yield from _count_problems(engine, catalog, ledger)
        yield from _total_problems(engine, catalog)


def file_problems(engine: DeltaEngine, ledger: StateStore, known: Iterable[Table[...]]) -> Iterator[Problem]:
    """What is wrong with the heads, the logs and the data files of these tables, each file once."""
    heads = [each for each in find_damage(engine.lake) if each.severity is not Severity.LEFTOVER]
    yield from (Problem(each.name, each.problem, str(each.file)) for each in heads)
    yield from (problem for table in OPS for problem in _unreadable_state(ledger, table))
    seen = {(each.name, str(each.file)) for each in heads}
    sealed: dict[str, dict[str, str]] = {}
    if not any(
        (*table_problems(CHECKSUMS.qualified_name, ledger.path(CHECKSUMS), {}), *_unreadable_state(ledger, CHECKSUMS))
    ):
        for row in ledger.read(CHECKSUMS, ["table", "file", "sha256"]):
            sealed.setdefault(row["table"], {})[row["file"]] = row["sha256"]
    for table in known:
        name = table.qualified_name
        problems = table_problems(name, engine.path(table), sealed.get(name, {}))
        yield from (each for each in problems if (each.table, each.file) not in seen)


def _unreadable_state(ledger: StateStore, table: Table[...]) -> Iterator[Problem]:
    """The data files of a state table that cannot be read to their end: it has no checksums that would show it."""
    at = ledger.path(table)
    if not filesystem.is_remote(at) and not any(table_problems(table.qualified_name, at, {})):
        for file in delta_log.file_paths(at):
            if read_whole(Path(at, file)) is None:
                yield Problem(table.qualified_name, "a data file cannot be read", f"{at}/{file}")


def _count_problems(engine: DeltaEngine, catalog: Catalog, ledger: StateStore) -> Iterator[Problem]:
    last: dict[str, int] = {}
    for row in sorted(ledger.read(TABLE_RUNS), key=lambda row: (row["run_started_at"], row["version"])):
        if row["rows_read"] != row["rows_written"] + row["rows_quarantined"] + row["rows_duplicate"]:
            yield Problem(row["table"], f"run {row['run_id']}: rows read are not written + quarantined + duplicate")
        last[row["table"]] = row["rows_total"]
    for table in catalog.ordered:
        name, rows = table.qualified_name, engine.row_count(table)
        if name in last and rows != last[name]:
            yield Problem(name, f"it has {rows} rows, the ledger says {last[name]}")
        if isinstance(table.write, Upsert) and table.key:
            day = table.partition_by if table.write.dedup_window_days else ()
            keys = engine.read(table).select(*table.key, *day).distinct().count()
            if keys != rows:
                yield Problem(name, f"{rows - keys} rows repeat a key")


def _total_problems(engine: DeltaEngine, catalog: Catalog) -> Iterator[Problem]:
    for table, wrong, *queries in TOTALS:
        found = [_answer(engine, catalog, query) for query in queries]
        days = engine.row_count(catalog[table])
        allowed = days * 100 if "sales" in wrong else 0
        if abs(found[0] - found[1]) * 10_000 > allowed:
            yield Problem(table, f"{wrong}: {found[0]} against {found[1]}")


def _answer(engine: DeltaEngine, catalog: Catalog, query: str) -> int:
    for table in catalog.ordered:
        query = query.replace(f" {table.qualified_name}", f" delta.`{engine.path(table)}`")
    return engine.session.sql(query).collect()[0][0] or 0
