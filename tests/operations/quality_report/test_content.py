from datetime import UTC, datetime

from shoplake.operations.quality_report.content import costs, last_gates, runs

AT = datetime(2026, 3, 1, tzinfo=UTC)


def gate(run, day, status, slice="shop"):
    row = {"table": "silver.a", "gate": "g", "slice": slice, "status": status, "run_id": run}
    return row | {"recorded_at": AT.replace(day=day)}


def table_run(run, day, table, seconds):
    row = {"run_id": run, "table": table, "rows_written": 10, "rows_quarantined": 1, "duration_s": seconds}
    return row | {"run_started_at": AT.replace(day=day)}


def test_gates_are_those_of_the_last_run_and_failing_ones_first():
    rows = [gate("r1", 1, "warn"), gate("r2", 2, "pass"), gate("r2", 2, "warn", "other")]

    assert [(row["slice"], row["status"]) for row in last_gates(rows)] == [("other", "warn"), ("shop", "pass")]


def test_runs_and_tables_have_the_sum_of_their_work():
    rows = [table_run("r1", 1, "a", 1.0), table_run("r1", 1, "b", 2.0), table_run("r2", 2, "a", 4.0)]

    assert [(run["tables"], run["rows"], run["bad"], run["s"]) for run in runs(rows)] == [
        (1, 10, 1, 4.0),
        (2, 20, 2, 3.0),
    ]
    assert [(cost["table"], cost["s"], cost["writes"]) for cost in costs(rows)] == [("a", 5.0, 2), ("b", 2.0, 1)]


def test_a_run_that_was_killed_is_listed_at_its_start():
    killed = {"run_id": "r2", "kind": "Killed", "recorded_at": AT.replace(day=2)}

    found = runs([table_run("r1", 1, "a", 1.0)], [killed])

    assert [(run["at"].day, run["tables"], run["error"]) for run in found] == [(2, 0, "Killed"), (1, 1, "")]


def test_a_report_has_what_the_run_left(content):
    assert {"bronze.marks_raw", "silver.marks", "gold.daily"} <= {row["table"] for row in content.tables}
    assert [(row["gate"], row["status"]) for row in content.gates] == [("unique_who", "warn")]
    assert content.open_records == 14
    assert ("silver.marks", ["bronze.marks_raw"]) in content.lineage
