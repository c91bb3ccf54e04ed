import re


def test_a_cause_links_to_its_orders_and_totals_do_not(admin):
    html = admin.get("/money").text

    assert "cause=shipping" in html
    assert re.search(r'<td class="total">Money received</td>', html)
    assert '<td class="total n">£0.00</td>' in html


def test_currencies_are_beside_each_other_and_never_added(admin):
    html = admin.get("/money").text

    assert 'currency=EUR">EUR</a>' in html and 'currency=GBP">GBP</a>' in html


def test_currencies_are_compared_unless_nothing_is(admin):
    assert ">Change</th>" in admin.get("/money").text
    assert ">Change</th>" not in admin.get("/money?compare=none").text


def test_days_out_of_the_ordinary_link_to_their_lines(admin):
    assert "since=2026-04-20&amp;until=2026-04-20" in admin.get("/money").text
