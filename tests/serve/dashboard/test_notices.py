import pytest

from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import MemoryGeneration

APRIL = "since=2026-04-01&until=2026-04-30"
SALES = ("gold.sales", "gold.order", "gold.attribution", "gold.reconciliation", "gold.product_performance")
EVENTS = ("gold.funnel", "silver.sessions", "gold.carts", "gold.paths")


@pytest.fixture(scope="module")
def without(browse, shop):
    """Return a client of the pages of a lake without the tables whose names begin with these words."""

    def without(*names):
        rows = {name: rows for name, rows in gold_tables(shop).items() if not name.startswith(names)}
        return browse(MemoryGeneration(rows, id=f"without {names}"))

    return without


def test_pages_of_a_lake_of_events_say_that_no_order_has_arrived_and_not_that_nothing_was_sold(without):
    client = without(*SALES, "gold.customer")
    pages = {path: client.get(path).text for path in ("/", "/products", "/customers", "/marketing", "/money", "/chart")}

    assert all("No order of the feed shop has arrived" in html for html in pages.values())
    assert all("No order of this feed has arrived." in html for html in pages.values())
    said = ("Nothing was sold", "No customer has ordered", "No pair stands out", "Nothing was returned")
    assert not [(path, each) for path, html in pages.items() for each in said if each in html]


def test_pages_of_a_lake_of_orders_say_that_no_event_has_arrived(without):
    client = without(*EVENTS)

    for path in ("/", "/journey", "/products"):
        assert "No event of the feed shop has arrived" in client.get(f"{path}?{APRIL}").text
    assert client.get(f"/journey?{APRIL}").text.count("No event of this feed has arrived.") == 5


def test_orders_of_unknown_price_are_not_taken_for_sales_of_zero(browse, shop):
    rows = gold_tables(shop)
    for row in rows["gold.sales_daily"]:
        row["net_sales"] = None

    html = browse(MemoryGeneration(rows, id="unpriced")).get(f"/?{APRIL}").text

    assert "No price of the orders of this range is known" in html


def test_a_lake_without_payments_says_so_where_orders_count_as_unpaid(browse, shop, admin):
    rows = gold_tables(shop)
    for row in rows["gold.reconciliation_orders"]:
        row["paid"] = row["received"] = None

    html = browse(MemoryGeneration(rows, id="unpaid")).get(f"/money?{APRIL}").text

    assert "No payment of the feed shop has arrived" in html
    assert "No payment of the feed" not in admin.get(f"/money?{APRIL}").text


def test_a_table_that_a_gate_stopped_is_named_before_its_numbers(browse, shop):
    rows = gold_tables(shop)
    stop = {"event": "opened", "kind": "stop", "incident_id": "s1", "summary": "silver.events is stopped."}
    rows["ops.incidents"] = [*rows["ops.incidents"], rows["ops.incidents"][0] | stop]

    html = browse(MemoryGeneration(rows, id="stopped")).get("/").text

    assert '<p class="notice">silver.events is stopped. Its numbers are those of an earlier run.' in html


@pytest.mark.parametrize(("check", "is_said"), [("failed", True), ("killed", False)])
def test_a_run_that_failed_is_named_and_not_one_before_that_was_killed(browse, shop, check, is_said):
    rows = gold_tables(shop)
    run = {"event": "opened", "kind": "run", "incident_id": "r1", "check_name": check, "summary": "A run ended early."}
    rows["ops.incidents"] = [*rows["ops.incidents"], rows["ops.incidents"][0] | run]

    html = browse(MemoryGeneration(rows, id=check)).get("/").text

    assert ("are those of an earlier run" in html) is is_said
