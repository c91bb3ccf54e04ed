import pytest

from shoplake.quality.alerts.findings import file_findings, gate_findings, quarantine_findings, stop_findings
from shoplake.quality.gates import GateResult, Stop
from shoplake.quality.quarantine_warnings import QuarantineWarning


def test_a_stop_names_rule_and_counts_and_the_tables_that_wait():
    [finding] = stop_findings([Stop("silver.a", "rule", 3000, 412, 0.05, ("gold.b", "gold.c"))])

    assert finding.subject == ("stop", "silver.a", "rule")
    assert finding.summary == (
        "silver.a is stopped, and 2 tables made from it: 412 of 3,000 rows violate rule, more than 5.0%."
    )


def test_a_stop_by_a_gate_says_what_was_measured_and_how_many_slices():
    days = tuple(GateResult("silver.a", "days", f"shop 2026-03-0{n} canary@x", n, 20, 76, "stop") for n in (2, 9))

    [finding] = stop_findings([Stop("silver.a", "days", 0, 0, 0.0, ("gold.b",), days)])

    assert finding.count == 2
    assert finding.summary == (
        "silver.a is stopped, and 1 table made from it: days does not pass in 2 slices; measured 2, expected 20 to 76."
    )


def test_slices_of_a_gate_are_one_finding_without_the_values_in_them():
    slices = [GateResult("silver.a", "shares", f"shop 2026-03-0{n} canary@x", n / 10, 0, 0.1, "warn") for n in (2, 9)]

    [finding] = gate_findings(slices)

    assert (finding.count, "canary" in finding.summary) == (2, False)
    assert finding.summary == "silver.a: shares does not pass in 2 slices; measured 0.9, expected 0 to 0.1."


def test_examples_of_quarantined_values_are_in_no_finding():
    [finding] = quarantine_findings([QuarantineWarning("silver.a", 100, 9, "rule", 8, ('"canary"',))])

    assert finding.summary == "silver.a: 9 of 100 rows are quarantined, 8 of them by rule."


@pytest.mark.parametrize(("count", "start"), [(1, "1 file is unreadable"), (2, "2 files are unreadable")])
def test_files_are_counted_by_state(count, start):
    [finding] = file_findings({"rejected": 0, "unreadable": count})

    assert (finding.subject, finding.summary) == (("files", "", "unreadable"), f"{start}.")


def test_a_budget_that_is_spent_says_for_what():
    parts = [GateResult("silver.a", "error_budget", part, 1.44, 0, 1, "warn") for part in ("valid rows", "freshness")]

    [finding] = gate_findings(parts)

    assert finding.subject == ("slo", "silver.a", "error_budget")
    assert finding.summary == (
        "silver.a: the error budget is spent: 144% of that for valid rows and 144% of that for freshness."
    )


def test_new_fields_are_counted_without_their_names():
    [finding] = file_findings({"new_fields": 2})

    assert (finding.subject[2], finding.summary) == ("new_fields", "2 fields are new and read by no table.")
