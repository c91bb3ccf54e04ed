import pytest


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/rows/sale_lines", "Did you mean &#39;sales_lines&#39;?"),
        ("/rows/carts?fed=shop", "Unknown parameter &#39;fed&#39;. Did you mean &#39;feed&#39;?"),
        ("/rows/sales?grain=weak", "Unknown grain &#39;weak&#39;. Did you mean &#39;week&#39;?"),
        ("/rows/sales?since=x", "since=x cannot be read"),
        ("/rows/customer", "Unknown list &#39;customer&#39;"),
    ],
)
def test_a_mistake_names_the_nearest(admin, path, message):
    response = admin.get(path)

    assert response.status_code == 404 and message in response.text


def test_a_long_list_says_how_many_rows_it_has_and_links_to_all(admin, shop):
    html = admin.get("/rows/funnel_members").text
    count = sum(visit["steps_reached"] >= 1 and not visit["is_bot"] for visit in shop.visits)

    assert f": {count:,} rows</h1>" in html
    assert f"The first 200 of {count:,} rows; the CSV has all." in html
    assert "/v1/funnel-members?limit=100000&amp;format=csv" in html


def test_only_roles_that_see_personal_data_have_links_to_customers(browse, generation, admin):
    assert 'href="/customers/C' in admin.get("/rows/customer_list").text
    assert 'href="/customers/C' not in browse(generation, "analyst").get("/rows/customer_list").text


def test_lines_of_orders_say_how_many_orders_and_units_they_are(admin, shop):
    lines = [each for each in shop.lines if each["currency"] == "EUR" and not each["is_cancelled"]]
    orders, units = len({each["order_id"] for each in lines}), sum(each["quantity"] for each in lines)

    html = admin.get("/rows/sales_lines?currency=EUR").text

    assert f": {len(lines):,} rows, {orders:,} orders, {units:,} units</h1>" in html
