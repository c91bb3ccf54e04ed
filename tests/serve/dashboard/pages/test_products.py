import re
from datetime import timedelta
from decimal import Decimal

from shoplake.serve.dashboard.formats import format_day
from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import FIRST, MemoryGeneration


def test_the_page_of_a_product_has_its_name_and_its_pairs(admin):
    html = admin.get("/products/P1").text

    assert "<h1>Lamp 1</h1>" in html and 'href="/products/P2"' in html


def test_a_product_keeps_its_name_where_nothing_happened_in_the_range(admin):
    html = admin.get("/products/P1?since=2020-01-01&until=2020-01-02").text

    assert "<h1>Lamp 1</h1>" in html and "Nothing in this range." in html


def test_an_unknown_product_is_named(admin):
    response = admin.get("/products/P99")

    assert response.status_code == 404 and "Unknown product &#39;P99&#39;" in response.text


def test_a_product_whose_id_is_an_address_of_its_own_has_a_page(browse, shop):
    renamed = {"product_id": "A/1?#%"}
    rows = {
        name: [row | (renamed if row.get("product_id") == "P1" else {}) for row in some]
        for name, some in gold_tables(shop).items()
    }

    html = browse(MemoryGeneration(rows)).get("/products/A%2F1%3F%23%25").text

    assert "<h1>Lamp 1</h1>" in html
    assert 'action="/products/A%2F1%3F%23%25"' in html and 'href="/products/A%2F1%3F%23%25?' in html


def test_returned_units_link_to_the_return_lines(admin):
    assert "currency=all&amp;kind=return&amp;product=P" in admin.get("/products").text


def test_the_last_days_of_a_product_are_those_of_the_data(browse, shop):
    days = [FIRST + timedelta(days=n) for n in range(500)]
    rows = [{"feed": "shop", "product_id": "P1", "event_date": day, "views": 1, "currency": "GBP"} for day in days]
    client = browse(MemoryGeneration(gold_tables(shop) | {"gold.product_performance_daily": rows}))

    html = client.get("/products/P1").text

    assert f'<td class="day">{format_day(days[-1])}</td>' in html
    assert format_day(days[-32]) not in html


def test_a_name_of_several_products_stands_with_the_id_in_each_table(browse, shop):
    rows = gold_tables(shop)
    for product in rows["silver.products"]:
        product["product_name"] = "Lamp" if product["product_id"] in ("P1", "P2") else product["product_name"]

    html = browse(MemoryGeneration(rows)).get("/products").text

    assert "Lamp · P1" in html and "Lamp · P2" in html and "Lamp · P3" not in html
    assert ">Lamp</a>" not in html
    assert "<h1>Lamp · P1</h1>" in browse(MemoryGeneration(rows)).get("/products/P1").text


def test_an_override_in_a_name_does_not_reverse_the_id_beside_it(browse, shop):
    rows = gold_tables(shop)
    rows["silver.products"] = [row | {"product_name": "dlog\u202e"} for row in rows["silver.products"]]

    assert "dlog · P1<" in browse(MemoryGeneration(rows)).get("/products").text


def listed(html, title):
    """Return the products of a table with net sales before and in the range."""
    table = re.search(rf"<h2>{title}</h2>.*?</section>", html, re.S)[0]
    rows = re.findall(r'href="/products/(\w+)\?.*?<td class="n">(.*?)</td>\n<td class="n">(.*?)</td>', table, re.S)
    return {id: (number(before), number(now)) for id, before, now in rows}


def number(text):
    return Decimal(text.replace(",", "").replace("−", "-").replace("–", "0"))


def test_rising_products_sold_more_than_before_and_falling_ones_less(admin):
    html = admin.get("/products?since=2026-04-11&until=2026-04-20").text

    rising, falling = listed(html, "Rising"), listed(html, "Falling")
    assert rising and all(now > before for before, now in rising.values())
    assert falling and all(now < before for before, now in falling.values())


def test_without_days_before_no_product_is_rising_or_falling(admin):
    html = admin.get("/products?since=2026-03-01&until=2026-03-20").text

    assert (listed(html, "Rising"), listed(html, "Falling")) == ({}, {})
    assert html.count("There are no days before to compare with.") == 2


def test_products_that_nobody_bought_are_no_best_sellers_and_none_is_returned(browse):
    row = {"feed": "shop", "product_id": "P1", "event_date": FIRST, "views": 9, "orders": 0, "net": Decimal(0)}
    rows = {
        "gold.funnel_daily": [{"feed": "shop", "event_date": FIRST + timedelta(days=n)} for n in range(3)],
        "gold.sales_daily": [{"feed": "shop", "sales_date": FIRST, "currency": "GBP", "orders": 1}],
        "gold.product_performance_daily": [row],
        "gold.product_returns": [{"feed": "shop", "product_id": "P1", "units_sold": 4, "units_returned": 0}],
    }
    client = browse(MemoryGeneration(rows, id="unsold"))

    products = client.get("/products").text
    assert "Nothing was sold in this range." in products and "Nothing was returned." in products
    assert "Nothing was sold in this range." in client.get("/").text


def test_products_that_nobody_viewed_are_not_listed_by_views(browse):
    row = {"feed": "shop", "product_id": "P1", "event_date": FIRST, "views": 0, "orders": 2, "net": Decimal(8)}
    sold = [{"feed": "shop", "sales_date": FIRST, "currency": "GBP", "orders": 2}]
    client = browse(MemoryGeneration({"gold.sales_daily": sold, "gold.product_performance_daily": [row]}, id="unseen"))

    assert "No event of this feed has arrived." in client.get("/products").text
    assert client.get("/products").text.count("/products/P1") == 1
