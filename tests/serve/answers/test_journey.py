from collections import Counter
from datetime import date, timedelta
from functools import partial

import pytest

from shoplake.serve.answers.journey import (
    FunnelMembersQuery,
    FunnelQuery,
    PathsQuery,
    VisitsQuery,
    funnel,
    funnel_members,
    paths,
    visits,
)
from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import FIRST, MemoryGeneration

APRIL = {"since": date(2026, 4, 1), "until": date(2026, 4, 30)}


def reached(shop, step, start=APRIL["since"], end=APRIL["until"], **own):
    return sum(
        visit["steps_reached"] >= step
        for visit in shop.visits
        if start <= visit["session_date"] <= end
        and not visit["is_bot"]
        and all(visit[name] == value for name, value in own.items())
    )


def test_a_step_counts_the_sessions_that_reach_it(generation, shop):
    rows = funnel(generation, FunnelQuery(**APRIL)).rows.to_pylist()

    assert [row["sessions"] for row in rows] == [reached(shop, step) for step in range(1, 6)]


@pytest.mark.parametrize("by", ["channel", "device"])
def test_a_funnel_is_split_by_a_dimension(generation, shop, by):
    rows = funnel(generation, FunnelQuery(**APRIL, by=by)).rows.to_pylist()

    assert [row["sessions"] for row in rows] == [reached(shop, row["step_number"], **{by: row[by]}) for row in rows]


def test_a_funnel_is_compared_with_the_days_before(generation, shop):
    rows = funnel(generation, FunnelQuery(**APRIL, compare="previous")).rows.to_pylist()

    march = date(2026, 3, 1), date(2026, 3, 31)
    assert [row["sessions_before"] for row in rows] == [reached(shop, step, *march) for step in range(1, 6)]


def test_a_funnel_without_comparison_has_no_columns_of_it(generation):
    assert "sessions_before" not in funnel(generation, FunnelQuery()).rows.column_names


@pytest.mark.parametrize("state", ["reached", "dropped"])
def test_the_sessions_behind_a_step_are_as_many_as_its_number(generation, state):
    rows = funnel(generation, FunnelQuery(**APRIL, by="device")).rows.to_pylist()
    name = "sessions" if state == "reached" else "dropped"

    for row in rows[1:5]:
        query = FunnelMembersQuery(
            **APRIL, step=row["step_number"], state=state, by="device", only=row["device"], limit=9999
        )
        assert funnel_members(generation, query).rows.num_rows == row[name]


def test_conversion_is_the_share_of_sessions_with_a_purchase(generation, shop):
    [row] = visits(generation, VisitsQuery(**APRIL, grain="total")).rows.to_pylist()

    assert (row["sessions"], row["converted"]) == (reached(shop, 0), reached(shop, 5))
    assert row["conversion"] == pytest.approx(reached(shop, 5) / reached(shop, 0))


@pytest.mark.parametrize(("number", "which"), [("sessions", {"step": 0}), ("converted", {"state": "converted"})])
@pytest.mark.parametrize("by", ["channel", "device"])
def test_the_sessions_behind_conversion_are_as_many_as_its_numbers(generation, by, number, which):
    for row in visits(generation, VisitsQuery(**APRIL, grain="total", by=by)).rows.to_pylist():
        query = FunnelMembersQuery(**APRIL, by=by, only=row[by], limit=9999, **which)
        assert funnel_members(generation, query).rows.num_rows == row[number]


def test_visits_have_one_row_per_period_and_value(generation, shop):
    rows = visits(generation, VisitsQuery(grain="month", by="channel")).rows.to_pylist()

    months = Counter((v["session_date"].month, v["channel"]) for v in shop.visits if not v["is_bot"])
    assert {(row["period_start"].month, row["channel"]): row["sessions"] for row in rows} == months


def test_paths_have_the_share_of_what_leaves_a_page(generation):
    rows = paths(generation, PathsQuery(from_page="home")).rows.to_pylist()

    assert [(row["to_page_type"], row["share"]) for row in rows] == [("product", 0.7), ("(exit)", 0.3)]


def test_days_without_visits_have_all_of_those_before_less(shop):
    first = [visit for visit in shop.visits if visit["session_date"] == FIRST]
    generation = MemoryGeneration(
        {"silver.sessions": first, "gold.funnel_daily": gold_tables(shop)["gold.funnel_daily"]}
    )
    day = FIRST + timedelta(1)

    [row] = visits(generation, VisitsQuery(day, day, grain="total", compare="previous")).rows.to_pylist()

    assert (row["sessions"], row["sessions_change"], row["conversion_change"]) == (0, -1.0, None)


@pytest.mark.parametrize(("answer", "query"), [(funnel, FunnelQuery), (visits, partial(VisitsQuery, grain="total"))])
def test_visits_before_the_first_day_of_the_data_are_unknown(generation, shop, answer, query):
    rows = answer(generation, query(since=shop.days[0], until=shop.days[9], compare="previous")).rows.to_pylist()

    assert {row["sessions_before"] for row in rows} == {None}


def test_a_channel_without_visits_on_the_days_before_had_none(shop):
    days = [{"feed": "shop", "event_date": day} for day in shop.days[:3]]
    seen = [shop.visits[0] | {"session_id": str(day), "session_date": day, "is_bot": False} for day in shop.days[:2]]
    new = seen[1] | {"session_id": "new", "channel": "new"}
    generation = MemoryGeneration({"gold.funnel_daily": days, "silver.sessions": [*seen, new]})

    query = VisitsQuery(shop.days[1], shop.days[1], grain="total", by="channel", compare="previous")
    rows = {row["channel"]: row for row in visits(generation, query).rows.to_pylist()}

    assert (rows["new"]["sessions_before"], rows["new"]["sessions_change"]) == (0, None)
