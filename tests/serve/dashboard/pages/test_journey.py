import re
from html import unescape

from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import MemoryGeneration


def test_a_split_has_a_funnel_for_each_value(admin):
    html = admin.get("/journey?by=device").text

    assert "<h2>desktop</h2>" in html and "<h2>mobile</h2>" in html


def test_an_unknown_split_names_the_nearest(admin):
    response = admin.get("/journey?by=devcie")

    assert response.status_code == 404 and "Did you mean &#39;device&#39;?" in response.text


def test_the_form_keeps_the_split(admin):
    assert '<input type="hidden" name="by" value="device">' in admin.get("/journey?by=device").text


def test_carts_link_to_the_carts_of_their_state(admin):
    assert "/rows/cart_list?feed=shop" in admin.get("/journey").text


def test_the_visits_and_purchases_of_a_channel_link_to_as_many_sessions(admin):
    html = admin.get("/journey").text
    found = re.findall(r'href="(/rows/funnel_members[^"]*by=channel[^"]*)"[^>]*>([\d,]+)<', html)

    assert len(found) >= 4 and any("state=converted" in href for href, _ in found)
    for href, number in found:
        assert re.search(rf": {number} rows?</h1>", admin.get(unescape(href)).text)


def test_a_shop_without_visits_has_no_conversion_to_list(browse, shop):
    rows = {name: values for name, values in gold_tables(shop).items() if name != "silver.sessions"}

    html = browse(MemoryGeneration(rows)).get("/journey").text

    block = html.split("<h2>Conversion by device</h2>")[1].split("</section>")[0]
    assert "Nothing in this range." in block and "/rows/" not in block
