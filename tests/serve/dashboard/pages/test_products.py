from datetime import timedelta

from shoplake.serve.dashboard.formats import format_day
from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import FIRST, MemoryGeneration


def test_the_page_of_a_product_has_its_name_and_its_pairs(admin):
    html = admin.get("/products/P1").text

    assert "<h1>Lamp 1</h1>" in html and 'href="/products/P2"' in html


def test_an_unknown_product_is_named(admin):
    response = admin.get("/products/P99")

    assert response.status_code == 404 and "Unknown product &#39;P99&#39;" in response.text


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
