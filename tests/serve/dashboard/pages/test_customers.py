import re


def test_segments_link_to_as_many_customers_as_they_have(admin):
    html = admin.get("/customers").text
    links = re.findall(r'<a href="(/rows/customer_list[^"]*only=[^"]*)">(\d+)</a>', html)

    assert len(links) >= 4
    for href, number in links:
        assert f": {number} rows</h1>" in admin.get(href.replace("&amp;", "&")).text


def test_cohorts_whose_period_is_not_over_are_hatched(admin):
    assert re.search(r'<td class="h\d open">', admin.get("/customers").text)


def test_the_page_of_a_customer_has_orders_and_personal_data(admin, shop):
    html = admin.get("/customers/C3").text

    assert "C3@mail.example" in html
    assert all(line["order_id"] in html for line in shop.customers["C3"])


def test_looking_at_a_customer_is_recorded(admin, keys):
    admin.app.state.gate.audit.flush()
    before = keys.database.execute("SELECT count(*) FROM audit")[0][0]
    admin.get("/customers/C3")
    admin.app.state.gate.audit.flush()

    assert keys.database.execute("SELECT count(*) FROM audit")[0][0] == before + 1


def test_an_unknown_customer_is_named(admin):
    response = admin.get("/customers/C999")

    assert response.status_code == 404 and "Unknown customer &#39;C999&#39;" in response.text
