import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import FIRST, MemoryGeneration

APRIL = "since=2026-04-01&until=2026-04-30"


def net(shop, start, end, currency="GBP"):
    return sum(amount for (day, unit), amount in shop.sold().items() if unit == currency and start <= day <= end)


def tile(html, title):
    found = re.search(
        rf'aria-label="{title}">.*?<p class="value">(.*?)</p>.*?<span class="(\w+)">(.*?)</span>', html, re.S
    )
    return re.sub(r"<.*?>", "", found[1]), found[2], found[3]


def test_a_tile_has_the_net_sales_of_its_days_and_the_change(admin, shop):
    html = admin.get(f"/?{APRIL}").text

    now, before = net(shop, date(2026, 4, 1), date(2026, 4, 30)), net(shop, FIRST, date(2026, 3, 31))
    value, verdict, change = tile(html, "Net sales")
    assert value == f"£{now:,.0f}"
    assert change.replace("−", "-").removeprefix("+") == f"{float(now / before - 1) * 100:,.1f} %"
    assert verdict == ("good" if now > before else "bad")


def test_more_returns_are_bad(admin):
    _, verdict, change = tile(admin.get(f"/?{APRIL}").text, "Returns")

    assert (verdict == "bad") == change.startswith("+")


def test_without_comparison_there_is_no_change(admin):
    html = admin.get(f"/?{APRIL}&compare=none").text

    assert tile(html, "Net sales")[1:] == ("same", "–")
    assert "no comparison" in html and ">Before<" not in html


def test_days_before_the_first_of_the_data_are_no_comparison(admin):
    html = admin.get("/?since=2026-03-11&until=2026-04-09").text

    assert {tile(html, title)[1:] for title in ("Net sales", "Visits", "Conversion")} == {("same", "–")}
    assert "the data begins on 1 Mar 2026" in html


def test_the_currency_of_the_address_is_the_one_shown(admin, shop):
    html = admin.get(f"/?{APRIL}&currency=EUR").text

    assert tile(html, "Net sales")[0].startswith("€")


def test_an_unfinished_day_is_marked(admin):
    html = admin.get("/?unfinished=1").text

    assert "last day unfinished" in html and '<span class="open">unfinished</span>' in html


def test_the_legend_has_the_days_before_only_where_the_chart_has_them(admin):
    first_days = f"/?since={FIRST}&until={FIRST + timedelta(days=2)}"

    assert '<span class="before">' in admin.get(f"/?{APRIL}").text
    assert '<span class="before">' not in admin.get(first_days).text


def test_the_tile_of_returns_links_to_their_lines(admin):
    html = admin.get(f"/?{APRIL}").text

    assert re.search(r'aria-label="Returns">.*?href="/rows/sales_lines\?[^"]*kind=return"', html, re.S)


def test_the_number_of_a_tile_is_that_of_the_api(admin):
    row = admin.get(f"/v1/sales?{APRIL}&grain=total&format=json").json()["data"][0]

    assert tile(admin.get(f"/?{APRIL}").text, "Orders")[0] == f"{row['orders']:,}"


def test_the_tile_of_visits_links_to_as_many_sessions(admin):
    html = admin.get(f"/?{APRIL}").text
    href = re.search(r'aria-label="Visits">.*?href="(/rows/funnel_members[^"]*)"', html, re.S)[1]

    assert f": {tile(html, 'Visits')[0]} rows</h1>" in admin.get(href.replace("&amp;", "&")).text


def test_the_tile_of_conversion_links_to_the_sessions_with_a_purchase(admin):
    html = admin.get(f"/?{APRIL}").text
    href = re.search(r'aria-label="Conversion">.*?href="(/rows/funnel_members[^"]*)"', html, re.S)[1]
    row = admin.get(f"/v1/visits?{APRIL}&grain=total").json()["data"][0]

    assert f": {row['converted']:,} rows</h1>" in admin.get(href.replace("&amp;", "&")).text


def amounts(html, title):
    """The labels and net sales of a table of the page."""
    table = re.search(rf'aria-label="{title}">(.*?)</table>', html, re.S)[1]
    rows = re.findall(r"<tr>\s*<td>(.*?)</td>.*?</td>\s*<td[^>]*>(.*?)</a>", table, re.S)
    return {name: Decimal(re.sub(r"<.*?>|,", "", amount).replace("−", "-")) for name, amount in rows}


@pytest.mark.parametrize("by", ["country", "channel"])
def test_parts_of_the_sales_add_up_to_the_sales(browse, shop, by):
    rows = gold_tables(shop)
    for row in rows[f"gold.sales_by_{by}_daily"]:
        row["net_sales"] += Decimal("0.0013")
    html = browse(MemoryGeneration(rows)).get(f"/?{APRIL}").text

    sold = net(shop, date(2026, 4, 1), date(2026, 4, 30))
    assert sum(amounts(html, f"Sales by {by}").values()) == sold
    assert f"All add up to £{sold:,.2f}." in html


def test_of_forty_countries_the_largest_are_shown_with_a_link_to_all(browse, shop):
    rows = gold_tables(shop)
    for place, row in enumerate(rows["gold.sales_by_country_daily"]):
        row["country"] = f"C{place % 40}"
    client = browse(MemoryGeneration(rows))
    html = client.get(f"/?{APRIL}").text

    assert len(amounts(html, "Sales by country")) == 12
    link = re.search(r'href="(/rows/sales[^"]*by=country)">All (\d+)<', html)
    assert f"The first 12 of {link[2]}. All add up to" in html
    assert f": {link[2]} rows</h1>" in client.get(link[1].replace("&amp;", "&")).text


def test_a_day_of_unknown_prices_is_a_gap_in_the_line_and_not_zero(browse, shop):
    rows = gold_tables(shop)
    for row in rows["gold.sales_daily"]:
        row["net_sales"] = None if row["sales_date"] == date(2026, 4, 20) else row["net_sales"]

    html = browse(MemoryGeneration(rows, id="gap")).get("/chart?since=2026-04-20&until=2026-04-22").text

    assert [each == "null" for each in re.findall(r'"now": ([^,}]+)', html)] == [True, False, False]
