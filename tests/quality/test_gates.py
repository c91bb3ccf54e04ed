import pytest
from sample_tables import RULES, marks

from shoplake.declare import expect, extend
from shoplake.engine import WriteResult
from shoplake.quality.gates import (
    Acceptance,
    Stop,
    UnknownRuleError,
    check_acceptance,
    format_measure,
    gate_rows,
    stop_rows,
)

STOPPING = extend("silver.marks", expectations=[expect("n_small", "n < 9", stop_above=0.1, at_least=10)]).apply(marks)
NAME = "silver.marks.n_small"


def statuses(result, acceptance=None):
    return [(row["gate"], row["status"]) for row in gate_rows(STOPPING, result, acceptance or Acceptance())]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.012345, "0.01235"), (26, "26"), (999.96, "1,000"), (12_400, "12,400"), (129_512.4, "129,512")],
)
def test_what_a_gate_measured_is_written_without_an_exponent(value, text):
    assert format_measure(value) == text


def test_a_committed_write_has_a_row_per_rule_that_can_stop():
    result = WriteResult(10, 9, 1, violations={"n_small": 1, RULES[0].name: 3})
    [row] = gate_rows(STOPPING, result, Acceptance())

    assert (row["table"], row["gate"], row["value"], row["expected_high"], row["status"]) == (
        "silver.marks",
        "n_small",
        0.1,
        0.1,
        "pass",
    )


def test_a_write_of_no_rows_has_no_row():
    assert statuses(WriteResult(0, 0)) == []


def test_what_would_have_stopped_says_who_accepted_it_and_why():
    acceptance = Acceptance(frozenset({NAME}), "ada@shop", "new tracker")
    [row] = gate_rows(STOPPING, WriteResult(10, 8, 2, violations={"n_small": 2}), acceptance)

    assert (row["status"], row["accepted_by"], row["because"]) == ("accepted", "ada@shop", "new tracker")


def test_an_accepted_rule_still_quarantines_but_does_not_stop():
    accepted = Acceptance(frozenset({NAME})).applied_to(STOPPING)

    assert [(each.name, each.stop_above) for each in accepted.rules] == [("n_positive", None), ("n_small", None)]
    assert Acceptance().applied_to(STOPPING) is STOPPING


def test_a_stop_has_the_share_that_stopped_it():
    [row] = stop_rows(Stop("silver.marks", "n_small", 40, 10, 0.1))

    assert (row["value"], row["expected_high"], row["status"]) == (0.25, 0.1, "stop")


def test_a_rule_that_cannot_stop_is_not_accepted_and_the_nearest_is_named():
    with pytest.raises(UnknownRuleError, match=r"silver.marks.n_smal'.*'silver.marks.n_small'"):
        check_acceptance({"marks": STOPPING}, ["silver.marks.n_smal"])
    with pytest.raises(UnknownRuleError, match="No rule has stop_above"):
        check_acceptance({"marks": marks}, ["silver.marks.n_positive"])
    check_acceptance({"marks": STOPPING}, [NAME])
