from dataclasses import replace

import pytest
from deltalake import write_deltalake
from pyarrow import Table as Arrow
from sample_tables import marks

from shoplake.declare import Replace, col, table, warn
from shoplake.engine.protocol import WriteResult
from shoplake.engine.storage import delta_log
from shoplake.quality.metrics import quality_metrics, waiting_metric

COLUMNS = [col("id", "string", "Which", required=True), col("note", "string", "What")]


@table("gold", write=Replace(), columns=COLUMNS, expectations=[warn("short", "length(note) < 3")])
def things(marks):
    """One row per thing."""
    return marks


@pytest.fixture
def reported(tmp_path):
    """What is measured of a table with these notes."""

    def measure(written=WriteResult(0, 0), notes=(), declared=things, expected=("id", "note")):  # noqa: B008
        at = str(tmp_path / "t")
        delta_log.create_if_missing(declared, at)
        if notes:
            rows = [{"id": str(number) if note != "no id" else None, "note": note} for number, note in enumerate(notes)]
            write_deltalake(at, Arrow.from_pylist(rows, schema=delta_log.arrow_schema(declared)), mode="append")
        return {
            (row["check_type"], row["check_name"]): row
            for row in quality_metrics(declared, at, written, len(notes), expected)
        }

    return measure


@pytest.mark.parametrize(
    ("quarantined", "status"), [(0, "PASS"), (1, "WARN"), (49, "WARN"), (50, "FAIL"), (1000, "FAIL")]
)
def test_a_table_is_judged_by_the_share_of_quarantined_rows(reported, quarantined, status):
    row = reported(WriteResult(1000, 1000 - quarantined, quarantined))["table", "things"]

    assert (row["rows_failed"], row["failed_ratio"], row["status"]) == (quarantined, quarantined / 1000, status)


def test_nothing_that_came_in_is_fine(reported):
    row = reported()["table", "things"]

    assert (row["failed_ratio"], row["status"]) == (0, "PASS")


def test_a_tables_counts_are_reported(reported):
    row = reported(WriteResult(10, 6, 1, 3, 2))["table", "things"]

    assert [
        row[name] for name in ("rows_read", "rows_written", "rows_quarantined", "rows_duplicate", "rows_conflicting")
    ] == [10, 6, 1, 3, 2]


def test_each_strict_rule_is_reported_also_where_nothing_broke_it(reported):
    rows = reported(WriteResult(100, 90, 10, violations={"n_positive": 10, "is_json_object": 1}), declared=marks)

    rules = {name: (row["rows_failed"], row["status"]) for (subject, name), row in rows.items() if subject == "rule"}
    assert rules == {
        "feed_present": (0, "PASS"),
        "id_present": (0, "PASS"),
        "at_present": (0, "PASS"),
        "n_positive": (10, "FAIL"),
        "is_json_object": (1, "WARN"),
    }


@pytest.mark.parametrize(("broken", "status"), [(0, "PASS"), (1, "WARN"), (100, "WARN")])
def test_a_rule_that_only_warns_never_fails(reported, broken, status):
    row = reported(WriteResult(100, 100, violations={"short": broken}))["rule", "short"]

    assert (row["rows_failed"], row["status"]) == (broken, status)


def test_a_required_column_with_nulls_fails(reported):
    rows = reported(notes=["a", "no id"])

    assert (rows["column", "id"]["rows_failed"], rows["column", "id"]["status"]) == (1, "FAIL")
    assert rows["column", "note"]["status"] == "PASS"


@pytest.mark.parametrize(("notes", "status"), [([None, None], "WARN"), ([None, "a"], "PASS"), ([], "PASS")])
def test_a_column_that_is_empty_throughout_is_a_warning(reported, notes, status):
    assert reported(notes=notes)["column", "note"]["status"] == status


def test_the_share_of_nulls_is_of_the_rows_that_stand(reported):
    row = reported(WriteResult(1, 1), notes=[None, "a", "b", "c"])["column", "note"]

    assert (row["rows_read"], row["rows_failed"], row["failed_ratio"]) == (4, 1, 0.25)


def test_nulls_of_a_personal_column_are_counted_though_the_log_does_not(reported, tmp_path):
    private = replace(things, columns=(COLUMNS[0], replace(COLUMNS[1], personal="note")))

    row = reported(notes=[None, "a", "b", None], declared=private)["column", "note"]

    assert (row["rows_failed"], row["failed_ratio"], row["status"]) == (2, 0.5, "PASS")
    assert "note" not in delta_log.null_counts(str(tmp_path / "t"))


def test_an_empty_column_that_no_kind_maps_is_fine(reported):
    row = reported(notes=[None], expected=("id",))["column", "note"]

    assert (row["rows_failed"], row["status"]) == (1, "PASS")


@pytest.mark.parametrize(("records", "status"), [(0, "PASS"), (3, "WARN")])
def test_records_that_wait_for_their_parts_are_a_warning(records, status):
    row = waiting_metric(records)

    assert (row["check_name"], row["rows_failed"], row["status"]) == ("waiting_for_parts", records, status)


@pytest.mark.parametrize(("violating", "status"), [(0, "PASS"), (20, "PASS"), (21, "WARN")])
def test_a_warning_begins_above_its_share(reported, violating, status):
    declared = replace(things, rules=(warn("short", "length(note) < 3", warn_above=0.02),))
    row = reported(WriteResult(1000, 1000, violations={"short": violating}), declared=declared)["rule", "short"]

    assert (row["rows_failed"], row["status"]) == (violating, status)
