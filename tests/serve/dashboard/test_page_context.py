from zoneinfo import ZoneInfo

import pytest

from shoplake.serve.answers.query.build import build_answer
from shoplake.serve.dashboard.charts.renderer import ChartRenderer
from shoplake.serve.dashboard.page_context import PageContext, Shown
from shoplake.serve.dashboard.page_state import read_state
from tests.serve.dashboard.conftest import DRAWING, NOW


@pytest.fixture
def context(generation):
    charts = ChartRenderer(lambda spec: DRAWING)
    return PageContext(generation, read_state(generation, {}), charts, ZoneInfo("Europe/London"), NOW)


def table(context, columns):
    sql = "SELECT * FROM (VALUES ('a', 10, 0.5), ('b', 5, -0.5)) t(name, n, change)"
    return context.table("T", build_answer(context.generation, "gold.carts", sql), columns)


def test_numbers_are_aligned_to_the_right_and_bars_are_shares_of_the_longest(context):
    block = table(context, [Shown("name", "Name"), Shown("n", "N", "count", bar=True)])

    assert block.numeric == {1}
    assert [row[1].bar for row in block.rows] == [1.0, 0.5]


def test_a_change_is_good_or_bad_by_its_direction(context):
    block = table(context, [Shown("change", "Change", good="down")])

    assert [(row[0].text, row[0].style) for row in block.rows] == [("+50.0 %", "bad"), ("−50.0 %", "good")]


def test_a_cell_links_to_what_it_counts(context):
    block = table(context, [Shown("n", "N", "count", lambda row: f"/rows/{row['name']}")])

    assert [row[0].href for row in block.rows] == ["/rows/a", "/rows/b"]


def test_an_origin_has_the_age_of_the_run_in_the_shops_zone(context):
    origin = table(context, [Shown("n", "N")]).origin

    assert (origin.table, origin.version, origin.as_of) == ("gold.carts", 3, "2 May 2026 15:30")
    assert context.origin_of_run() == ("2 May 2026 15:30", "3 hours old")


def test_rows_of_one_name_and_several_keys_are_told_apart(context):
    sql = "SELECT * FROM (VALUES ('Lamp', 'P1'), ('Lamp', 'P2'), ('Vase', 'P3'), ('Vase', 'P3')) t(name, id)"
    answer = build_answer(context.generation, "gold.carts", sql)

    block = context.table("T", answer, [Shown("name", "Name", "code", told_apart_by="id")])

    assert [row[0].text for row in block.rows] == ["Lamp · P1", "Lamp · P2", "Vase", "Vase"]


def test_a_blank_name_is_shown_as_the_key(context):
    answer = build_answer(
        context.generation, "gold.carts", "SELECT * FROM (VALUES (' ', 'P1'), (NULL, 'P2')) t(name, id)"
    )

    block = context.table("T", answer, [Shown("name", "Name", "code", told_apart_by="id")])

    assert [row[0].text for row in block.rows] == ["P1", "P2"]


def test_money_that_is_converted_names_its_currency(context):
    answer = build_answer(context.generation, "gold.carts", "SELECT 1.5::DECIMAL(18,2) AS net, 'GBP' AS currency")

    assert (
        context.table("T", answer, [Shown("net", "Net", "money")], is_converted=True).note == "All currencies, in GBP."
    )


def test_a_row_without_a_name_is_shown_by_its_key(context):
    sql = "SELECT * FROM (VALUES (NULL::VARCHAR, 'P1'), (NULL, 'P2')) t(name, id)"
    answer = build_answer(context.generation, "gold.carts", sql)

    block = context.table("T", answer, [Shown("name", "Name", "code", told_apart_by="id")])

    assert [row[0].text for row in block.rows] == ["P1", "P2"]
