"""Pages of a shop whose numbers and names are far longer than usual."""

from decimal import Decimal

import pytest

from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import MemoryGeneration
from tests.serve.dashboard.browser.conftest import HOST

CUT = """() => [...document.querySelectorAll('.value')]
    .filter(each => each.scrollWidth > each.clientWidth).map(each => each.textContent)"""
MONEY = ("gross_sales", "discounts", "returns", "net_sales", "margin")


@pytest.fixture(scope="module")
def rich(serve, shop):
    """A client over a shop that sells ten million times as much."""
    rows = gold_tables(shop)
    for table in ("gold.sales_daily", "gold.sales_by_country_daily", "gold.sales_by_channel_daily"):
        for row in rows[table]:
            row.update({name: row[name] * Decimal(10**7) for name in MONEY if row.get(name) is not None})
    return serve(MemoryGeneration(rows, id="rich"))


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1190])
def test_numbers_of_billions_stay_in_their_tiles(visit, rich, width):
    with visit(rich, viewport={"width": width, "height": 900}) as page:
        page.goto(HOST + "/")

        assert page.evaluate(CUT) == []
        assert "B" in page.locator("section[aria-label='Net sales'] .value").inner_text()
