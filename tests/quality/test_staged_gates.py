from datetime import UTC, date, datetime, timedelta

import pytest
from sample_tables import CATALOG

from shoplake.declare import extend, fresh, references, rows_like_history, unique
from shoplake.engine import GATES, StateStore
from shoplake.quality.gate_check import GateCheck
from shoplake.quality.staged_gates import GateStoppedError, StagedGates, acknowledged_days

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
SCHEMA = "feed string, id string, at timestamp, day date, who string"


def rows(spark, *cells):
    at = [NOW - timedelta(days=days) for _, days, _ in cells]
    return spark.createDataFrame(
        [("shop", id, when, when.date(), who) for (id, _, who), when in zip(cells, at, strict=True)], SCHEMA
    )


@pytest.fixture(scope="module")
def kept(spark):
    return rows(spark, ("a", 9, "ink"), ("b", 8, "pen"), ("b", 8, "pen"))


@pytest.fixture(scope="module")
def reader(spark):
    prices = spark.createDataFrame([("shop", "pen")], "feed string, thing string")

    class Reader:
        def read(self, table):
            assert table.name == "prices"
            return prices

    return Reader()


def staged(reader, gate, accepted=()):
    catalog = CATALOG.extended([], [extend("silver.marks", gates=[gate])])
    return StagedGates(GateCheck(reader, catalog, NOW), catalog["marks"], accepted)


def results(gates):
    return [(each.value, each.status) for each in gates.results]


def test_a_repeat_of_a_row_that_stays_stops_and_older_repeats_do_not(reader, spark, kept):
    gates = staged(reader, unique("id", stop=True))
    gates(rows(spark, ("c", 1, "pen")), kept)
    assert results(gates) == [(0, "pass")]

    with pytest.raises(
        GateStoppedError, match=r"unique_id of shop is 1, expected 0 to 0.*--accept silver.marks.uni"
    ) as stop:
        gates(rows(spark, ("a", 1, "pen")), kept)
    assert [(each.value, each.status) for each in stop.value.measured] == [(1, "stop")]
    assert results(gates) == [(0, "pass")]


def test_a_repeat_within_a_write_stops_it(reader, spark):
    with pytest.raises(GateStoppedError):
        staged(reader, unique("id", stop=True))(rows(spark, ("a", 1, "pen"), ("a", 2, "pen")), None)


def test_a_gate_without_stop_warns(reader, spark, kept):
    gates = staged(reader, unique("id"))
    gates(rows(spark, ("a", 1, "pen")), kept)

    assert results(gates) == [(1, "warn")]


def test_an_accepted_gate_does_not_stop(reader, spark, kept):
    gates = staged(reader, unique("id", stop=True), {"unique_id"})
    gates(rows(spark, ("a", 1, "pen")), kept)

    assert results(gates) == [(1, "accepted")]


def test_references_among_the_new_rows_decide(reader, spark, kept):
    gates = staged(reader, references("who", "silver.prices", key="thing", stop=True))
    gates(rows(spark, ("c", 1, "pen"), ("d", 1, None)), kept)
    assert results(gates) == [(0, "pass")]

    with pytest.raises(GateStoppedError):
        gates(rows(spark, ("c", 1, "inc")), kept)


def test_references_that_do_not_stop_wait_for_the_end_of_the_run(reader, spark, kept):
    gates = staged(reader, references("who", "silver.prices", key="thing"))
    gates(rows(spark, ("c", 1, "inc")), kept)

    assert gates.results == []


def test_the_newest_row_of_both_says_whether_a_table_is_fresh(reader, spark, kept):
    gates = staged(reader, fresh("at", within="8 days"))
    gates(rows(spark, ("c", 20, "pen")), kept)
    assert results(gates) == [(192, "pass")]


def test_days_that_somebody_accepted_are_acknowledged(tmp_path, reader, spark):
    state = StateStore(str(tmp_path))
    assert acknowledged_days(state) == {}
    state.create_if_missing()
    cells = {"table": "silver.marks", "run_id": "r", "recorded_at": NOW}
    slices = {"shop 2026-03-01": "accepted", "my shop 2026-03-02 null": "accepted", "shop 2026-03-03": "warn"}
    slices |= {"shop": "accepted", "shop 2026-03-04 sale 2026-03-01": "accepted"}
    state.append(GATES, [{**cells, "gate": "g", "slice": each, "status": what} for each, what in slices.items()])

    days = {"shop 2026-03-01", "my shop 2026-03-02", "shop 2026-03-04"}
    assert acknowledged_days(state) == {("silver.marks", "g"): days}


def test_a_day_far_from_its_history_stops_a_write(reader, spark):
    first = date(2026, 1, 1)
    cells = [("shop", str(each), first + timedelta(days=day)) for day in range(40) for each in range(30)]
    kept = spark.createDataFrame(cells, "feed string, id string, day date")
    new = spark.createDataFrame([("shop", "x", first + timedelta(days=41))], "feed string, id string, day date")

    with pytest.raises(GateStoppedError, match="rows_like_history of shop 2026-02-10 is 0"):
        staged(reader, rows_like_history("day", stop=True))(new, kept)
