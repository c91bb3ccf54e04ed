import io
import json

from rich.console import Console

from shoplake.cli.views import quality_report

COUNTS = {"rows_in": 10, "good": 8, "quarantined": 1, "duplicates": 1, "conflicts": 0}
TABLE = {"run_id": "r", "table": "silver.events", "subject": "table", "name": "events", "broken": 1, "share": 0.1}
RULE = {**dict.fromkeys(COUNTS), "run_id": "r", "table": "silver.events", "subject": "rule", "name": "id_present"}


def test_batches_of_one_run_are_added_up():
    rows = [{**TABLE, **COUNTS, "status": "FAIL"}, {**TABLE, **COUNTS, "broken": 0, "status": "PASS"}]
    [table] = quality_report.together(rows)
    assert (table["rows_in"], table["good"], table["share"], table["status"]) == (20, 16, 0.05, "FAIL")


def test_of_a_column_the_last_state_counts():
    column = {**TABLE, **COUNTS, "subject": "column", "name": "price"}
    [last] = quality_report.together(
        [{**column, "broken": 5, "status": "WARN"}, {**column, "broken": 7, "status": "PASS"}]
    )
    assert (last["broken"], last["status"]) == (7, "PASS")


def test_only_what_is_wrong_is_shown():
    broken = {**RULE, "rows_in": 10, "broken": 1, "share": 0.1, "status": "FAIL"}
    held = {**broken, "name": "name_known", "broken": 0, "share": 0.0, "status": "PASS"}
    out = Console(file=io.StringIO(), width=80)
    quality_report.show(out, [{**TABLE, **COUNTS, "status": "WARN"}, broken, held])
    said = out.file.getvalue()
    assert "id_present" in said and "name_known" not in said
    assert "1 other rules PASS." in said


def test_quality_has_the_numbers_of_the_truth(shoplake, lake, truth):
    said = {each["table"]: each for each in json.loads(shoplake("quality", "--config", lake, "--json").stdout)}
    events, known = said["silver.events"], truth
    assert events["rows_in"] == known["lines"]["events"]
    assert events["good"] == known["events"]
    assert events["quarantined"] == sum(known["quarantined"]["events"].values())
    assert events["duplicates"] == sum(known["duplicates"]["events"].values())
    assert events["conflicts"] == known["duplicates"]["events"]["conflicting"]
    broken = {rule["name"]: rule["broken"] for rule in events["rules"]}
    assert broken["event_name_known"] == known["quarantined"]["events"]["unknown_event_name"]


def test_quality_shows_what_is_wrong_and_with_all_the_rest(shoplake, lake):
    some, whole = (shoplake("quality", "--config", lake, *more).stdout for more in ([], ["--all"]))
    assert "event_name_known" in some and "feed_present" not in some
    assert "feed_present" in whole


def test_quality_of_an_unknown_run_names_the_last_one(shoplake, lake):
    result = shoplake("quality", "--run", "nope", "--config", lake)
    assert result.exit_code == 1 and "The last one is" in result.stderr
