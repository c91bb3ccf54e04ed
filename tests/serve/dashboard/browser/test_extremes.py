"""Pages of a shop whose numbers and names are far longer than usual."""

from decimal import Decimal

import pytest

from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import MemoryGeneration
from tests.serve.dashboard.browser.conftest import HOST

CUT = """() => [...document.querySelectorAll('.value')]
    .filter(each => each.scrollWidth > each.clientWidth).map(each => each.textContent)"""
SCROLLED = """() => [...document.querySelectorAll('main > .grid .scroll')]
    .filter(each => each.checkVisibility() && each.scrollWidth > each.clientWidth).map(each => each.ariaLabel)"""
MONEY = ("gross_sales", "discounts", "returns", "net_sales", "margin")


@pytest.fixture(scope="module")
def rich(serve, shop):
    """A client over a shop that sells ten million times as much."""
    rows = gold_tables(shop)
    for table in ("gold.sales_daily", "gold.sales_by_country_daily", "gold.sales_by_channel_daily"):
        for row in rows[table]:
            row.update({name: row[name] * Decimal(10**7) for name in MONEY if row.get(name) is not None})
    return serve(MemoryGeneration(rows, id="rich"))


@pytest.fixture(scope="module")
def wordy(serve, shop):
    """A client over a shop whose products have names of 150 characters, one of them a single word."""
    rows = gold_tables(shop)
    for place, row in enumerate(rows["silver.products"]):
        row["product_name"] = "x" * 150 if place % 3 == 0 else f"A handmade lamp {place} with a shade of linen " * 3
    return serve(MemoryGeneration(rows, id="wordy"))


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/products"])
def test_long_names_leave_room_for_the_numbers_beside_them(visit, wordy, path):
    with visit(wordy, viewport={"width": 1280, "height": 900}) as page:
        page.goto(HOST + path)

        assert page.evaluate(SCROLLED) == []


@pytest.mark.slow
def test_a_long_name_takes_at_most_half_of_a_phone(visit, wordy):
    with visit(wordy, viewport={"width": 390, "height": 844}) as page:
        page.goto(HOST + "/products")

        assert max(page.evaluate("[...document.querySelectorAll('td.name')].map(each => each.clientWidth)")) < 195


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1190])
def test_numbers_of_billions_stay_in_their_tiles(visit, rich, width):
    with visit(rich, viewport={"width": width, "height": 900}) as page:
        page.goto(HOST + "/")

        assert page.evaluate(CUT) == []
        assert "B" in page.locator("section[aria-label='Net sales'] .value").inner_text()


@pytest.mark.slow
def test_a_table_that_can_be_scrolled_has_a_shadow_at_its_edge_on_a_desktop_too(visit, rich):
    with visit(rich, viewport={"width": 1280, "height": 900}) as page:
        page.goto(HOST + "/money")

        assert "gradient" in page.evaluate("getComputedStyle(document.querySelector('.scroll')).backgroundImage")
