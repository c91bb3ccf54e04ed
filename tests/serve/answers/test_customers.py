import pytest

from shoplake.serve.answers.customers import (
    CohortsQuery,
    CustomerListQuery,
    CustomerQuery,
    SegmentMovesQuery,
    SegmentsQuery,
    cohorts,
    customer,
    customer_carts,
    customer_list,
    customer_orders,
    customer_timeline,
    customer_versions,
    customer_visits,
    segment_moves,
    segments,
)
from shoplake.serve.errors import AnswerNotFoundError
from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import MemoryGeneration


@pytest.mark.parametrize("by", ["segment", "value_tier"])
def test_the_customers_of_a_group_are_as_many_and_spent_as_much_as_its_number(generation, by):
    for row in segments(generation, SegmentsQuery(by)).rows.to_pylist():
        members = customer_list(generation, CustomerListQuery(by, row[by])).rows.to_pylist()

        assert (len(members), sum(each["net"] for each in members)) == (row["customers"], row["net"])


def test_cohorts_have_their_share_of_active_customers(generation, shop):
    rows = cohorts(generation, CohortsQuery()).rows.to_pylist()

    assert rows and all(row["retention"] == row["active"] / row["customers"] for row in rows)
    assert sum(row["customers"] for row in rows if row["number"] == 0) == len(shop.customers)


def test_a_customer_is_shown_with_its_orders_in_their_currency(generation, shop):
    orders = customer_orders(generation, CustomerQuery("C3")).rows.to_pylist()

    own = shop.customers["C3"]
    assert {row["order_id"] for row in orders} == {line["order_id"] for line in own}
    assert sum(row["net"] for row in orders) == sum(line["net"] - line["returned_net"] for line in own)


def test_an_unknown_customer_is_named(generation):
    with pytest.raises(AnswerNotFoundError, match="Unknown customer 'C999' in feed 'shop'"):
        customer(generation, CustomerQuery("C999"))


def test_visits_of_a_customer_are_those_logged_in(generation, shop):
    found = customer_visits(generation, CustomerQuery("C3")).rows.to_pylist()

    assert {row["session_id"] for row in found} == {
        visit["session_id"] for visit in shop.visits if visit["customer_id"] == "C3"
    }


def test_versions_have_personal_columns(generation):
    [row] = customer_versions(generation, CustomerQuery("C3")).rows.to_pylist()

    assert row["email"] == "C3@mail.example"


def test_what_does_not_exist_has_no_rows(generation):
    assert customer_carts(generation, CustomerQuery("C999")).rows.num_rows == 0
    assert segment_moves(generation, SegmentMovesQuery()).rows.num_rows == 0


def test_the_timeline_has_all_that_a_customer_did_latest_first(generation, shop):
    wanted = {("order", line["order_id"]) for line in shop.customers["C3"]}
    wanted |= {("visit", visit["session_id"]) for visit in shop.visits if visit["customer_id"] == "C3"}

    rows = customer_timeline(generation, CustomerQuery("C3")).rows.to_pylist()

    assert {(row["kind"], row["id"]) for row in rows} == wanted and len(rows) == len(wanted)
    assert [row["happened_at"] for row in rows] == sorted((row["happened_at"] for row in rows), reverse=True)


def test_carts_that_were_filled_while_logged_in_are_in_the_timeline(generation, shop):
    wanted = {cart["cart_id"]: cart["value"] for cart in shop.carts if cart["visitor_id"] == "V3"}

    rows = customer_timeline(generation, CustomerQuery("V3")).rows.to_pylist()

    assert {row["id"]: row["value"] for row in rows if row["kind"] == "cart"} == wanted


def test_moves_and_visits_name_the_currency_of_the_feed(shop):
    tables = gold_tables(shop)
    visits = [visit | {"currency": "JPY"} for visit in shop.visits]
    segmented = [row | {"currency": "JPY"} for row in tables["gold.customer_segments"]]
    move = {"feed": "shop", "move_month": shop.days[0], "from_segment": "(none)", "to_segment": "lost", "customers": 1}
    names = {"silver.sessions": visits, "gold.customer_segments": segmented, "gold.segment_moves_monthly": [move]}
    generation = MemoryGeneration(tables | names)

    moved = segment_moves(generation, SegmentMovesQuery("shop"))
    seen = customer_visits(generation, CustomerQuery("C3"))

    assert set(moved.rows["currency"].to_pylist()) == set(seen.rows["currency"].to_pylist()) == {"JPY"}
