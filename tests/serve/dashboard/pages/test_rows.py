import re
from decimal import Decimal

import pytest

from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import MemoryGeneration


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/rows/sale_lines", "Did you mean &#39;sales_lines&#39;?"),
        ("/rows/carts?fed=shop", "Unknown parameter &#39;fed&#39;. Did you mean &#39;feed&#39;?"),
        ("/rows/sales?grain=weak", "Unknown grain &#39;weak&#39;. Did you mean &#39;week&#39;?"),
        ("/rows/sales?since=x", "since=x cannot be read"),
        ("/rows/customer", "Unknown list &#39;customer&#39;"),
    ],
)
def test_a_mistake_names_the_nearest(admin, path, message):
    response = admin.get(path)

    assert response.status_code == 404 and message in response.text


def test_a_long_list_says_how_many_rows_it_has_and_links_to_all(admin, shop):
    html = admin.get("/rows/funnel_members").text
    count = sum(visit["steps_reached"] >= 1 and not visit["is_bot"] for visit in shop.visits)

    assert f": {count:,} rows</h1>" in html
    assert f"The first 200 of {count:,} rows; the CSV has all." in html
    assert "/v1/funnel-members?limit=100000&amp;format=csv" in html


def test_only_roles_that_see_personal_data_have_links_to_customers(browse, generation, admin):
    assert 'href="/customers/C' in admin.get("/rows/customer_list").text
    assert 'href="/customers/C' not in browse(generation, "analyst").get("/rows/customer_list").text


def test_lines_of_orders_say_how_many_orders_and_units_they_are(admin, shop):
    lines = [each for each in shop.lines if each["currency"] == "EUR" and not each["is_cancelled"]]
    orders, units = len({each["order_id"] for each in lines}), sum(each["quantity"] for each in lines)

    html = admin.get("/rows/sales_lines?currency=EUR").text

    assert f": {len(lines):,} rows, {orders:,} orders, {units:,} units</h1>" in html


@pytest.mark.parametrize(("currency", "digits"), [("JPY", {0}), ("GBP", {0, 2}), ("KWD", {0, 3})])
def test_amounts_have_the_decimals_of_the_currency_of_their_row(browse, shop, currency, digits):
    lines = [line | {"currency": currency, "discount": line["discount"] + Decimal("0.0001")} for line in shop.lines]
    client = browse(MemoryGeneration(gold_tables(shop) | {"gold.order_values": lines}, id=currency))

    html = client.get("/rows/sales_lines?currency=all").text

    numbers = re.findall(r'<td class="n">[\d,]+(\.\d+)?</td>', html)
    assert {len(each.removeprefix(".")) for each in numbers} - {2 if currency == "KWD" else None} == digits


def test_amounts_without_a_currency_of_their_row_have_that_of_the_address(browse, shop):
    yen = [row | {"currency": "JPY"} for row in gold_tables(shop)["gold.sales_daily"]]
    dollars = {"feed": "shop", "sales_date": shop.days[0], "currency": "USD", "orders": 1, "net_sales": Decimal("1.25")}
    client = browse(MemoryGeneration({"gold.sales_daily": [*yen, dollars]}, id="yen"))

    html = client.get("/rows/sales?currency=USD&grain=total").text

    assert '<td class="n">1.25</td>' in html and "Feed shop, USD" in html


def test_a_list_that_the_csv_has_not_whole_says_how_much_it_has(admin, monkeypatch):
    monkeypatch.setattr("shoplake.serve.dashboard.pages.rows.MOST_COUNTED", 250)

    assert "The first 200 of 250+ rows; the CSV has the first 250." in admin.get("/rows/funnel_members").text
