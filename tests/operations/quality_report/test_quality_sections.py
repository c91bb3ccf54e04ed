from dataclasses import replace

from shoplake.operations.quality_report.quality_sections import gates, incidents, quarantine, rules


def test_failing_gates_have_their_band(content):
    assert "unique_who" in gates(content) and "0 … 0" in gates(content)


def test_quarantined_records_have_the_command_that_corrects_them(content):
    html = quarantine(content)

    assert "shoplake quarantine export silver.latest --reason n_positive -o bad.ndjson" in html


def test_rules_have_counts_and_share(content):
    assert "n_positive" in rules(content) and "77.78%" in rules(content)


def test_a_lake_without_incidents_says_so(content):
    assert "No incident is open." in incidents(replace(content, incidents=[]))
