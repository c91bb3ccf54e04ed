import io
import json

from rich.console import Console

from shoplake.cli.views.quality.quality_report import QualityReportView, merge_batches

COUNTS = {
    "rows_read": 10,
    "rows_written": 8,
    "rows_quarantined": 1,
    "rows_duplicate": 1,
    "rows_conflicting": 0,
    "rows_superseded": 0,
}
TABLE = {
    "run_id": "r",
    "table": "silver.events",
    "check_type": "table",
    "check_name": "events",
    "rows_failed": 1,
    "failed_ratio": 0.1,
}
RULE = {
    **dict.fromkeys(COUNTS),
    "run_id": "r",
    "table": "silver.events",
    "check_type": "rule",
    "check_name": "id_present",
}


def test_batches_of_one_run_are_added_up():
    rows = [{**TABLE, **COUNTS, "status": "FAIL"}, {**TABLE, **COUNTS, "rows_failed": 0, "status": "PASS"}]
    [table] = merge_batches(rows)
    assert (table["rows_read"], table["rows_written"], table["failed_ratio"], table["status"]) == (20, 16, 0.05, "FAIL")


def test_of_a_column_the_last_batch_counts():
    column = {**TABLE, **COUNTS, "check_type": "column", "check_name": "price"}
    [last] = merge_batches(
        [{**column, "rows_failed": 5, "status": "WARN"}, {**column, "rows_failed": 7, "status": "PASS"}]
    )
    assert (last["rows_failed"], last["status"]) == (7, "PASS")


def test_rules_that_pass_are_counted_and_not_named():
    failed = {**RULE, "rows_read": 10, "rows_failed": 1, "failed_ratio": 0.1, "status": "FAIL"}
    passed = {**failed, "check_name": "name_known", "rows_failed": 0, "failed_ratio": 0.0, "status": "PASS"}
    console = Console(file=io.StringIO(), width=80)
    QualityReportView([{**TABLE, **COUNTS, "status": "WARN"}, failed, passed]).render(console)
    output = console.file.getvalue()
    assert "id_present" in output and "name_known" not in output
    assert "1 other rules PASS." in output


def test_quality_has_the_counts_of_the_ground_truth(shoplake, lake, ground_truth):
    tables = {each["table"]: each for each in json.loads(shoplake("quality", "--config", lake, "--json").stdout)}
    events, known = tables["silver.events"], ground_truth
    assert events["rows_read"] == known["lines"]["events"]
    assert events["rows_written"] == known["events"]
    assert events["rows_quarantined"] == sum(known["quarantined"]["events"].values())
    assert events["rows_duplicate"] == sum(known["duplicates"]["events"].values())
    assert events["rows_conflicting"] == known["duplicates"]["events"]["conflicting"]
    failed = {rule["check_name"]: rule["rows_failed"] for rule in events["rules"]}
    assert failed["event_name_known"] == known["quarantined"]["events"]["unknown_event_name"]


def test_quality_shows_failed_rules_and_with_all_also_the_others(shoplake, lake):
    some, whole = (shoplake("quality", "--config", lake, *more).stdout for more in ([], ["--all"]))
    assert "event_name_known" in some and "feed_present" not in some
    assert "feed_present" in whole


def test_quality_of_an_unknown_run_names_the_last_one(shoplake, lake):
    result = shoplake("quality", "--run", "nope", "--config", lake)
    assert result.exit_code == 1 and "The last one is" in result.stderr
