import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from deltalake import DeltaTable, write_deltalake
from pyarrow import Table
from sample_documents import receipt, receipts, receipts_raw
from sample_tables import ARRIVED, CATALOG, MARKS, mark, marks, price, prices, records, totals

from shoplake import declare, tables
from shoplake.declare import Replace, agrees, extend
from shoplake.declare.catalog import Catalog
from shoplake.engine.state.ops_tables import AUDIT, TABLE_RUNS
from shoplake.engine.state.state_store import StateStore
from shoplake.engine.storage import delta_log
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.operations.integrity.verify import NOT_BUILT, file_problems, find_problems
from shoplake.pipeline.audit import record_decisions
from shoplake.pipeline.run_recorder import RunRecorder
from shoplake.pipeline.run_result import NullListener, RunResult

WRONG = "its pieces are not those of the marks"
TOTAL = agrees(WRONG, "SELECT sum(pieces) FROM gold.totals", "SELECT sum(n) FROM silver.marks")


@pytest.fixture(scope="module")
def template(spark, tmp_path_factory):
    """A lake of two marks and a price, all as it should be."""
    folder = tmp_path_factory.mktemp("verified")
    engine, state_store = DeltaEngine(spark, str(folder)), StateStore(str(folder))
    for table in CATALOG.ordered:
        engine.create_if_missing(table)
    state_store.create_if_missing()
    rows = {
        marks: marks(records(spark, mark("a"), mark("b", n=2), mark("c", n=0))),
        prices: prices(records(spark, price("x", "1.00", "2026-03-01"))),
        totals: spark.createDataFrame([("shop", 3)], "feed string, pieces bigint"),
    }
    with RunRecorder(engine, state_store, RunResult("r1"), ARRIVED, NullListener()) as recorder:
        for table, output in rows.items():
            with recorder.measure(table) as step:
                step.result = engine.write(table, output)
        recorder.commit({})
        recorder.write_checksums()
    return folder


@pytest.fixture
def lake(template, spark, tmp_path):
    """A copy of that lake."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return DeltaEngine(spark, str(tmp_path)), StateStore(str(tmp_path))


def problems(lake, total=TOTAL, own=()):
    known = [*CATALOG.ordered, *own, marks.quarantine, prices.quarantine]
    catalog = CATALOG.extended(own, [extend("gold.totals", gates=[total])])
    return [(each.table, each.problem) for each in find_problems(lake[0], catalog, lake[1], known)]


def put(lake, table, rows):
    schema = delta_log.arrow_schema(table)
    output = [{name: row.get(name) for name in schema.names} for row in rows]
    write_deltalake(lake[0].path(table), Table.from_pylist(output, schema=schema), mode="append")


def test_nothing_is_wrong_with_a_lake_as_it_was_written(lake):
    assert problems(lake) == []


@pytest.mark.parametrize("table", [marks, marks.quarantine, totals], ids=lambda table: table.name)
def test_a_flipped_bit_is_found_in_every_table_that_was_written(lake, table):
    (file,) = DeltaTable(lake[0].path(table)).file_uris()
    content = bytearray(Path(file).read_bytes())
    content[8] ^= 1
    Path(file).write_bytes(content)

    assert problems(lake) == [(table.qualified_name, "a data file is not what was written: its SHA-256 differs")]


@pytest.mark.slow
def test_rows_written_past_the_state_store_are_problems(lake):
    put(lake, totals, [{"feed": "other", "pieces": 0}])

    assert problems(lake) == [("gold.totals", "it has 2 rows, ops.table_runs records 1")]


def test_a_key_that_is_there_twice_is_problems(lake):
    put(lake, marks, DeltaTable(lake[0].path(marks)).to_pyarrow_table().to_pylist()[:1])

    assert ("silver.marks", "1 rows repeat a key (feed, id, day)") in problems(lake)


def test_a_declared_key_that_a_function_returns_twice_is_a_problem(lake):
    put(lake, totals, [{"feed": "shop", "pieces": 0}])

    assert ("gold.totals", "1 rows repeat a key (feed)") in problems(lake)


@pytest.mark.slow
def test_an_id_that_rightly_came_again_after_its_days_is_no_problem(lake, spark):
    engine, _ = lake
    again = marks(records(spark, mark("a", "2026-04-01T09:00:00Z", n=1), batch="b2"))
    engine.write(marks, again)

    assert engine.row_count(marks) == 3
    assert [problem for table, problem in problems(lake) if "repeat a key" in problem] == []


@pytest.mark.parametrize("days", [("2026-03-02", "2026-04-01"), ("2026-03-02", "2026-03-02")])
def test_a_table_with_the_key_of_an_input_repeats_it_on_other_days_alone(lake, days):
    @declare.table(
        "gold", key=marks.key, write=Replace(), columns=[each for each in MARKS if each.name in ("feed", "id", "day")]
    )
    def copies(marks):
        """One row per mark."""

    lake[0].create_if_missing(copies)
    put(lake, copies, [{"feed": "shop", "id": "a", "day": date.fromisoformat(day)} for day in days])

    found = [problem for name, problem in problems(lake, own=[copies]) if name == "gold.copies"]
    assert found == ["1 rows repeat a key (feed, id, day)"] * (days[0] == days[1])


def test_counts_of_a_run_that_do_not_add_up_are_problems(lake):
    counts = {"rows_read": 5, "rows_written": 1, "rows_quarantined": 1, "rows_duplicate": 1, "rows_conflicting": 0}
    lake[1].append(
        TABLE_RUNS,
        [{"run_id": "r0", "table": "silver.marks", "rows_total": 2, "version": 0, "run_started_at": ARRIVED, **counts}],
    )

    assert any(
        "run r0: rows read are not written + quarantined + duplicate" in problem for _, problem in problems(lake)
    )


def test_documents_that_are_more_than_their_runs_wrote_are_problems(lake, spark):
    engine, state_store = lake
    for table in (receipts_raw, receipts):
        engine.create_if_missing(table)
    engine.write(receipts, receipts(records(spark, receipt("a", 1, 2))))
    counts = {"rows_read": 3, "rows_written": 3, "rows_superseded": 0, "rows_replaced": 2, "rows_total": 2}
    run = {"run_id": "r0", "table": "silver.receipts", "version": 1, "run_started_at": ARRIVED}
    state_store.append(TABLE_RUNS, [run | counts])

    found = find_problems(engine, Catalog([receipts_raw, receipts]), state_store, [])

    assert [each.problem for each in found if each.table == "silver.receipts"] == [
        "its runs wrote 3 rows and replaced 2, but it has 2"
    ]


def test_gold_that_differs_from_silver_is_found(lake, some):
    lake[0].write(totals, some(totals, {"feed": "shop", "pieces": 4}))

    assert ("gold.totals", f"{WRONG}: 4 against 3") in problems(lake)


def test_where_files_are_broken_their_content_is_not_asked_for(lake):
    (file,) = DeltaTable(lake[0].path(marks)).file_uris()
    Path(file).unlink()

    assert [problem for _, problem in problems(lake)] == ["a data file is missing"]


@pytest.mark.parametrize(
    ("amounts", "cents", "count"), [((10.00, 10.01), 1, 0), ((10.00, 10.02), 1, 1), ((10.00, 10.01), 0, 1)]
)
def test_amounts_may_differ_by_the_declared_cents_per_row_whatever_the_message(lake, amounts, cents, count):
    queries = [f"SELECT CAST({amount} AS DECIMAL(18,2)) FROM gold.totals" for amount in amounts]

    assert len(problems(lake, agrees("net sales differ", *queries, cents_per_row=cents))) == count


def marks_late(marks_raw):
    """Marks under a name that begins with that of another table."""
    return marks(marks_raw)


def test_a_total_may_name_tables_of_which_one_name_begins_with_another(lake):
    query = "SELECT count(*) FROM silver.marks_late RIGHT JOIN silver.marks ON false"
    late = replace(marks, build=marks_late)
    total = agrees("rows differ", query, "SELECT count(*) FROM silver.marks")
    catalog = Catalog([*CATALOG.ordered, late]).extended([], [extend("silver.marks", gates=[total])])
    lake[0].create_if_missing(late)

    assert list(find_problems(*lake[:1], catalog, lake[1], [])) == []


DECLARED = Catalog.from_package(tables)
TOTALS = [(table, gate) for table in DECLARED.values() for gate in table.gates if gate.kind == "agrees"]


@pytest.mark.parametrize(("table", "total"), TOTALS, ids=[table.name for table, _ in TOTALS])
def test_each_comparison_names_tables_that_are_declared(table, total):
    named = [word for query in (total.actual, total.expected) for word in query.split()]
    named = [word for word in named if word.startswith(("gold.", "silver."))]

    assert table.qualified_name in named
    assert len([DECLARED[name] for name in named]) >= 2


def test_four_tables_of_the_shop_compare_their_totals():
    assert {table.name for table, _ in TOTALS} == {
        *("sales_daily", "product_performance_daily", "purchases", "sessions"),
    }


def test_a_changed_row_of_the_audit_is_a_problem(lake):
    state = lake[1]
    record_decisions(state, "r1", ARRIVED, "ada@shop", "accept", ["silver.marks.n_small"], "new tracker")
    assert problems(lake) == []
    [row] = state.read(AUDIT)
    state.append(AUDIT, [row | {"because": "other"}])

    assert [problem.partition(" was ")[2] for _, problem in problems(lake)] == ["changed"]


def test_a_table_that_is_declared_and_not_built_yet_is_named_as_such(lake):
    declared = replace(totals, _name="totals_of_next_week")

    found = list(file_problems(lake[0], lake[1], [*CATALOG.ordered, declared]))

    assert [(each.table, each.problem) for each in found] == [("gold.totals_of_next_week", NOT_BUILT)]
