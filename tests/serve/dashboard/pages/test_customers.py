import re


def test_segments_link_to_as_many_customers_as_they_have(admin):
    html = admin.get("/customers").text
    links = re.findall(r'<a href="(/rows/customer_list[^"]*only=[^"]*)">(\d+)</a>', html)

    assert len(links) >= 4
    for href, number in links:
        assert f": {number} rows</h1>" in admin.get(href.replace("&amp;", "&")).text


def test_cohorts_whose_period_is_not_over_are_hatched(admin):
    assert re.search(r'<td class="h\d open">', admin.get("/customers").text)
