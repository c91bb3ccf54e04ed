import json

import pytest

STEPS = "product_view,add_to_cart,purchase"


@pytest.fixture(scope="module")
def report(shoplake, lake):
    """The rows of a funnel by device, as JSON."""
    result = shoplake("funnel", "--steps", STEPS, "--by", "device", "--config", lake, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_funnel_has_a_row_per_segment_and_step(report):
    assert {row["segment"] for row in report} >= {"desktop", "mobile"}
    assert {row["name"] for row in report} == set(STEPS.split(","))
    assert all(row["entered"] == row["converted"] + row["dropped"] + row["open"] for row in report)


def test_the_members_listed_are_as_many_as_the_chart_says(shoplake, lake, report):
    words = ("--by", "device", "--who", "step=2", "--state", "dropped", "--config", lake, "--json")

    members = json.loads(shoplake("funnel", "--steps", STEPS, *words).stdout)

    assert len(members) == sum(row["dropped"] for row in report if row["step"] == 2)


def test_the_visitors_who_start_are_those_of_the_daily_funnels_event(shoplake, lake):
    query = "SELECT count(DISTINCT visitor_id) AS n FROM silver.events WHERE event_name = 'page_view' AND NOT is_bot"
    [expected] = json.loads(shoplake("sql", query, "--format", "json", "--config", lake).stdout)

    first, *_ = json.loads(shoplake("funnel", "--steps", "page_view,purchase", "--config", lake, "--json").stdout)

    assert first["entered"] == expected["n"]


def test_the_steps_of_sessions_are_those_of_the_daily_funnel(shoplake, lake):
    steps = "page_view,product_view,add_to_cart,checkout_started,purchase"
    sums = ", ".join(f"sum({step}_sessions) AS {step}" for step in steps.split(","))
    [daily] = json.loads(
        shoplake("sql", f"SELECT {sums} FROM gold.funnel_daily", "--format", "json", "--config", lake).stdout
    )

    words = ("--count", "sessions", "--window", "7d", "--config", lake, "--json")
    rows = json.loads(shoplake("funnel", "--steps", steps, *words).stdout)

    assert {row["name"]: row["converted"] for row in rows} == daily


def test_persons_are_at_most_as_many_as_visitors(shoplake, lake, report):
    rows = json.loads(shoplake("funnel", "--steps", STEPS, "--count", "persons", "--config", lake, "--json").stdout)

    assert 0 < rows[0]["entered"] <= sum(row["entered"] for row in report if row["step"] == 1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--steps", "purchase"), "at least two steps"),
        (("--steps", STEPS, "--step-window", "soon"), "'soon' is not a step"),
        (("--steps", STEPS, "--step-window", "2"), "'2' is not a step with its window. Write one such as 2=1d."),
        (("--steps", STEPS, "--who", "2=1d"), "'2=1d' is not a step. Write one such as 2."),
        (("--steps", STEPS, "--by-from", "²"), "Unknown place '²'"),
        (("--steps", STEPS, "--as-of", "soon"), "'soon' is not a time"),
        (("--steps", STEPS, "--who", "step=4"), "The funnel has no step 4. Name one from 1 to 3."),
        (("--steps", STEPS, "--by-from", "4"), "The funnel has no step 4."),
    ],
)
def test_options_that_do_not_fit_are_an_error_that_quotes_them(shoplake, lake, words, message):
    result = shoplake("funnel", *words, "--config", lake)

    assert (result.exit_code != 0, message in result.output) == (True, True), result.output
