import re

APRIL = "since=2026-04-01&until=2026-04-30"


def test_each_number_of_the_funnel_is_that_of_the_list_behind_it(admin):
    html = admin.get(f"/journey?{APRIL}").text
    links = re.findall(r'<a [^>]*href="(/rows/funnel_members(?:(?!by=)[^"])*)">([\d,]+)(?: left)?</a>', html)

    assert len(links) == 9
    for href, number in links:
        title = re.search(r"<h1>(.*?)</h1>", admin.get(href.replace("&amp;", "&")).text)[1]
        assert title.split(": ")[1] in (f"{number} rows", f"{number} row")


def test_the_tick_is_explained_where_there_is_one(admin):
    assert "The tick is the share" in admin.get(f"/journey?{APRIL}").text
    assert "The tick is the share" not in admin.get("/journey?since=2026-03-01&until=2026-03-20").text
