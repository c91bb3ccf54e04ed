from datetime import UTC, datetime

import pytest

from shoplake.engine import AUDIT
from shoplake.engine.state.state_store import StateStore
from shoplake.pipeline.audit import chain_problems, current_actor, record_decisions

AT = datetime(2026, 3, 9, 12, 0, 0, 5, tzinfo=UTC)


@pytest.fixture
def audited(tmp_path):
    state = StateStore(str(tmp_path / "lake"))
    state.create_if_missing()
    record_decisions(state, "r1", AT, "ada@shop", "accept", ["silver.events.a", "silver.events.b"], "new tracker")
    record_decisions(state, "r2", AT, "bob@shop", "accept", ["silver.events.a"], "again")
    return state.read(AUDIT)


def test_each_decision_says_who_what_and_why(audited):
    assert {(row["actor"], row["command"], row["subject"], row["because"]) for row in audited} == {
        ("ada@shop", "accept", "silver.events.a", "new tracker"),
        ("ada@shop", "accept", "silver.events.b", "new tracker"),
        ("bob@shop", "accept", "silver.events.a", "again"),
    }


def test_an_untouched_chain_has_no_problem(audited):
    assert chain_problems(audited) == []


def test_a_changed_row_is_noticed(audited):
    changed = [row | {"because": "other"} if row["run_id"] == "r2" else row for row in audited]

    assert [problem.partition(" was ")[2] for problem in chain_problems(changed)] == ["changed"]


def test_a_row_that_is_gone_is_noticed(audited):
    rest = [row for row in audited if row["subject"] != "silver.events.b"]

    assert [problem.partition(" is ")[2] for problem in chain_problems(rest)] == ["gone"]


def test_the_actor_is_a_user_and_a_host():
    user, _, host = current_actor().partition("@")
    assert user and host
