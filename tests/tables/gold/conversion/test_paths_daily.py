from collections import Counter
from datetime import date

import pytest

from shoplake.tables.gold.conversion.paths_daily import paths_daily
from shoplake.tables.silver.sessions import sessions

SESSION = {"feed": "shop", "session_date": "2026-03-01", "is_bot": False}
LONG = ["home", "category", "product", "cart", "checkout", "purchase"]


@pytest.fixture
def steps(some):
    """The steps of sessions with the given page types, as {(number, from, to): sessions}."""

    def of(*paths, **others):
        rows = [SESSION | {"session_id": str(number), "page_types": path} | others for number, path in enumerate(paths)]
        found = paths_daily(some(sessions, *rows)).collect()
        assert {row.session_date for row in found} <= {date(2026, 3, 1)}
        return {(row.step_number, row.from_page_type, row.to_page_type): row.sessions for row in found}

    return of


def test_a_path_goes_from_start_to_exit(steps):
    assert steps(["home", "product"], ["home"]) == {
        (1, "(start)", "home"): 2,
        (2, "home", "product"): 1,
        (2, "home", "(exit)"): 1,
        (3, "product", "(exit)"): 1,
    }


def test_a_path_longer_than_five_pages_goes_on_to_more(steps):
    found = steps(LONG, LONG[:5])

    assert (found[6, "checkout", "(more)"], found[6, "checkout", "(exit)"]) == (1, 1)
    assert max(number for number, _, _ in found) == 6


def test_what_leads_to_a_page_leads_away_from_it_and_step_1_counts_all_sessions(steps):
    paths = [LONG[start:end] for start in range(5) for end in range(start + 1, 7)]
    found = steps(*paths)

    into, out_of = Counter(), Counter()
    for (number, come_from, go_to), count in found.items():
        out_of[number, come_from] += count
        into[number + 1, go_to] += count

    assert {node: count for node, count in into.items() if node[1] not in ("(exit)", "(more)")} == {
        node: count for node, count in out_of.items() if node[1] != "(start)"
    }
    assert sum(count for (number, _, _), count in found.items() if number == 1) == len(paths)


def test_bots_are_left_out(steps):
    assert steps(["home"], is_bot=True) == {}
