import csv
import re

from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import MemoryGeneration

LISTS = ("Goes with it", "Similar products", "Bought after it is viewed")


def titles(html):
    return [title for title in LISTS if f"CSV of {title}" in html]


def test_a_product_shows_the_lists_that_it_has(admin):
    html = admin.get("/products/P1").text

    assert titles(html) == ["Goes with it", "Bought after it is viewed"]
    assert "in one order 9 times" in html and 'href="/products/P4' in html


def test_a_product_without_lists_says_so(admin):
    assert "nothing is bought or viewed yet" in admin.get("/products/P9").text


def test_the_whole_list_and_its_csv_have_as_many_rows(admin):
    html = admin.get("/products/P1").text
    [csv_href] = re.findall(r'href="([^"]*)" aria-label="CSV of Goes with it"', html)
    [link] = re.findall(r'href="(/rows/product_recommendations[^"]*kind=together[^"]*)"', html)

    rows = list(csv.DictReader(admin.get(csv_href.replace("&amp;", "&")).text.splitlines()))

    assert [row["recommended_id"] for row in rows] == ["P2", "P4"]
    assert "2 rows" in admin.get(link.replace("&amp;", "&")).text


def test_a_customer_shows_the_list_and_what_it_is_because_of(admin):
    html = admin.get("/customers/C3").text

    assert "CSV of Recommended" in html and "Lamp 3, Lamp 1" in html


def test_a_role_without_personal_data_sees_products_lists_and_no_customers(browse, generation):
    analyst = browse(generation, "analyst")

    assert analyst.get("/products/P1").status_code == 200
    assert analyst.get("/v1/products/P1/recommendations?kind=next").json()["data"][0]["recommended_id"] == "P3"
    assert analyst.get("/customers/C3").status_code == 403
    assert analyst.get("/v1/customers/C3/recommendations").status_code == 403


def test_a_reason_names_a_lift_only_above_chance(browse, shop):
    rows = gold_tables(shop)
    for row in rows["gold.recommendations"]:
        row["lift_low"] = 0.7 if row["recommended_id"] == "P2" else 1.4
        row["reason"] = f"in one order 9 times, at least {row['lift_low']} times as often as by chance"

    html = browse(MemoryGeneration(rows)).get("/products/P1").text

    assert "<td>in one order 9 times</td>" in html and "at least 0.7" not in html
    assert "at least 1.4 times as often as by chance" in html
