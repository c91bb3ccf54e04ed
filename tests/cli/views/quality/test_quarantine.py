import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from shoplake.cli.views.quality.quarantine import DryRunView, ExportView, LifeCycleView, RecordView, SummaryView
from shoplake.operations.quarantine.life_cycle import LifeCycleResult
from shoplake.operations.quarantine.preview import Preview

AT = datetime(2026, 3, 9, 12, tzinfo=UTC)
CONFIG = Path("shoplake.toml")
RECORD = {
    "record_id": "3f1c09aa52d1be07",
    "feed": "shop",
    "record_key": '{"id":"c"}',
    "reasons": ["n_positive", "n_small"],
    "file": "marks/1.json",
    "line": 3,
    "quarantined_at": AT,
    "state": "fixed",
    "raw": '{"id": "c", "n": [0]}',
}
DECISION = {"decision": "fixed", "actor": "ada@shop", "because": "ticket 41", "recorded_at": AT}


def rendered(view):
    console = Console(file=io.StringIO(), width=120, markup=False)
    view.render(console)
    return console.file.getvalue()


def test_the_summary_has_a_line_per_reason_and_the_export_to_type():
    row = {"table": "silver.marks", "reason": "n_positive", "records": 1200, "oldest_at": AT, "newest_at": AT}
    output = rendered(SummaryView([row], CONFIG))

    assert "silver.marks n_positive   1,200 2026-03-09 12:00 2026-03-09 12:00" in output
    assert "quarantine export silver.marks --reason n_positive -o bad.ndjson" in output
    assert rendered(SummaryView([], CONFIG)) == "No such records.\n"
    assert SummaryView([row], CONFIG).to_json()[0]["oldest_at"] == "2026-03-09T12:00:00+00:00"


def test_the_command_to_type_names_the_settings_behind_the_subcommand():
    row = {"table": "silver.marks", "reason": "n_positive", "records": 1, "oldest_at": AT, "newest_at": AT}

    assert "quarantine export --config other.toml silver.marks" in rendered(SummaryView([row], Path("other.toml")))


@pytest.mark.parametrize("state", ["fixed", "discarded", "superseded", "any"])
def test_the_command_to_type_names_the_state_of_the_records(state):
    reasons = "n_positive", "page_incomplete"
    rows = [
        {"table": "silver.marks", "reason": each, "records": 1, "oldest_at": AT, "newest_at": AT} for each in reasons
    ]

    for row, reason in zip(rows, reasons, strict=True):
        command = f"quarantine export silver.marks --reason {reason} --state {state} -o bad.ndjson"
        assert command in rendered(SummaryView([row], CONFIG, state))


def test_records_of_a_file_that_was_cut_off_are_to_be_discarded():
    row = {"table": "silver.marks", "reason": "page_incomplete", "records": 1, "oldest_at": AT, "newest_at": AT}
    output = rendered(SummaryView([row], CONFIG))

    assert 'quarantine discard silver.marks --reason page_incomplete --because "landed again"' in output


def test_a_record_shows_its_text_its_place_and_who_decided():
    output = rendered(RecordView("silver.marks", RECORD, [DECISION]))

    assert "place    marks/1.json:3" in output
    assert 'raw      {"id": "c", "n": [0]}' in output
    assert "2026-03-09 12:00 UTC fixed by ada@shop: ticket 41" in output


def test_an_export_says_how_to_send_it_back():
    output = rendered(ExportView(3, Path("bad.ndjson"), CONFIG))

    assert "3 records in bad.ndjson" in output
    assert 'quarantine fix bad.ndjson --because "…"' in output


def test_an_export_of_fixed_records_is_not_to_be_sent_back():
    assert rendered(ExportView(3, Path("bad.ndjson"), CONFIG, "fixed")) == "3 records in bad.ndjson.\n"


def test_a_dry_run_says_that_nothing_is_written():
    assert rendered(DryRunView("discard", {"silver.marks": 1})) == (
        "Would discard 1 record of silver.marks. Nothing is written.\n"
    )


def test_the_result_counts_what_passed_and_what_is_still_bad():
    output = rendered(LifeCycleView("evaluated", LifeCycleResult(3, 1, {"n_positive": 2}, ["silver.marks"]), CONFIG))

    assert output.startswith(
        "3 records evaluated.\n1 valid now.\n2 still bad: n_positive\n1 table updated: silver.marks"
    )


def test_a_dry_run_says_what_the_records_would_come_to():
    days = tuple(f"2026-03-0{number}" for number in range(1, 10))
    view = DryRunView("evaluate", {"silver.events": 5}, {"silver.events": Preview(3, {"price_known": 2}, days)})

    output = rendered(view)

    assert "3 would be valid." in output and "2 would still be bad: price_known" in output
    assert output.rstrip().endswith("2026-03-08 and 1 more")
    assert view.to_json()["previews"]["silver.events"]["passed"] == 3


def test_of_many_tables_some_are_named_and_the_others_counted():
    tables = [f"silver.t{number}" for number in range(28)]
    output = rendered(LifeCycleView("corrected", LifeCycleResult(1, tables=tables), CONFIG))

    assert "28 tables updated: silver.t0, silver.t1" in output
    assert output.rstrip().endswith("silver.t7 and 20 more")
