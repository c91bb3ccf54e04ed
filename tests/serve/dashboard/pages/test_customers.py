import re

from shoplake.serve.dashboard.formats import format_range
from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import FIRST, LAST, MemoryGeneration


def test_segments_link_to_as_many_customers_as_they_have(admin):
    html = admin.get("/customers").text
    links = re.findall(r'<a href="(/rows/customer_list[^"]*only=[^"]*)">(\d+)</a>', html)

    assert len(links) >= 4
    for href, number in links:
        assert f": {number} rows</h1>" in admin.get(href.replace("&amp;", "&")).text


def test_cohorts_whose_period_is_not_over_are_hatched(admin):
    assert re.search(r'<td class="h\d open">', admin.get("/customers").text)


def test_value_tiers_are_in_the_order_of_their_customers_value(browse, shop):
    rows = gold_tables(shop)
    for place, row in enumerate(rows["gold.customer_segments"]):
        row["value_tier"], row["lifetime_net"] = ("gold", 10) if place else ("platinum", 20)

    html = browse(MemoryGeneration(rows)).get("/customers").text

    assert html.index("only=platinum") < html.index("only=gold")


def test_the_page_says_which_days_it_is_about(admin):
    assert f'<p class="range">All data: {format_range(FIRST, LAST)}</p>' in admin.get("/customers").text


def test_a_tier_that_is_unknown_links_to_the_customers_without_one(browse, shop):
    rows = gold_tables(shop)
    for row in rows["gold.customer_segments"][:2]:
        row["value_tier"] = row["lifetime_net"] = None
    client = browse(MemoryGeneration(rows, id="unknown"))

    [(href, number)] = re.findall(r'<a href="([^"]*only=%28unknown%29[^"]*)">(\d+)</a>', client.get("/customers").text)

    assert number == "2" and ": 2 rows</h1>" in client.get(href.replace("&amp;", "&")).text
