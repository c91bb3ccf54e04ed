import random
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F
from sample_writes import recompute

from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.tables.gold.conversion.carts import carts
from shoplake.tables.silver.cart_activity import cart_activity
from shoplake.tables.silver.events import events
from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods
from shoplake.tables.silver.products import products
from shoplake.tables.silver.sessions import sessions

from ... import carts_oracle

START = datetime(2026, 3, 1)
NAMES = ("add_to_cart", "add_to_cart", "remove_from_cart", "purchase", "product_view")
WEEK = 7 * 24 * 60
EURO = {"feed": "shop", "currency": "EUR", "first_date": "2026-03-01", "rate": "0.85"}


def at(minutes, name="add_to_cart", **more):
    moment = START + timedelta(minutes=minutes)
    same = {"feed": "shop", "visitor_id": "ann", "product_id": "p1", "quantity": 1, "unit_price": Decimal("5.0000")}
    more = same | {"event_name": name, "event_id": f"e{minutes:06}", "is_bot": False} | more
    return more | {"event_at": moment, "event_date": moment.date()}


def ended(some, *records):
    """A session that ends with the last of the events, as there always is one."""
    return some(sessions, {"feed": "shop", "ended_at": max(each["event_at"] for each in records)})


@pytest.fixture
def build(some, zenith):
    """The carts of events of a feed in GBP, by start."""

    def build(*records, prices=()):
        read = cart_activity(some(events, *records)), some(products, *prices), ended(some, *records)
        rows = carts(*read, some(exchange_rate_periods, EURO), feeds=(zenith,))
        return rows.orderBy("visitor_id", "started_at").collect()

    return build


def states(rows):
    return [row.state for row in rows]


def test_a_cart_that_a_purchase_ends_is_purchased_whatever_was_bought(build):
    [row] = build(at(0), at(9, "purchase", product_id="p9", order_id="o1"))

    assert (row.state, row.order_id, row.purchased_at) == ("purchased", "o1", START + timedelta(minutes=9))


@pytest.mark.parametrize(
    ("minutes", "product", "state"),
    [(61, "p1", "recovered"), (WEEK, "p1", "recovered"), (WEEK + 1, "p1", "abandoned"), (WEEK, "p2", "abandoned")],
)
def test_a_cart_is_recovered_by_a_purchase_of_one_of_its_products_within_a_week(build, minutes, product, state):
    [row] = build(at(0), at(minutes, "purchase", product_id=product))

    assert row.state == state
    assert (row.recovered_at is not None) == (state == "recovered")


def test_a_removed_product_recovers_nothing(build):
    records = (
        at(0),
        at(1, product_id="p2"),
        at(2, "remove_from_cart"),
        at(100, "purchase"),
        at(2 * WEEK, "product_view"),
    )

    assert states(build(*records)) == ["abandoned"]


def test_a_cart_is_open_until_a_week_after_it_lies_within_the_data(build):
    assert states(build(at(0), at(WEEK - 1, "product_view"))) == ["open"]
    assert states(build(at(0), at(WEEK, "product_view"))) == ["abandoned"]


def test_a_purchase_without_a_cart_is_none(build):
    assert build(at(0, "purchase")) == []


def test_items_and_value_are_those_of_the_final_cart(build):
    [row] = build(at(0, quantity=3), at(1, "remove_from_cart"), at(2, product_id="p2", unit_price="1.25"))

    assert (row.items, row.products, row.value) == (3, 2, Decimal("11.25"))


def test_a_price_missing_in_events_is_that_of_the_product_then(build):
    price = {"feed": "shop", "product_id": "p1", "price": 7, "valid_from": "2026-02-01", "valid_to": "2026-03-01 00:30"}
    records = at(0, unit_price=None), at(1, product_id="p2", unit_price=None), at(40, visitor_id="bob", unit_price=None)

    ann, bob = build(*records, prices=[price])

    assert (ann.value, ann.items, bob.value) == (Decimal("7.00"), 2, None)


def test_a_value_in_another_currency_is_converted_at_the_rate_of_its_day(build):
    records = at(0, currency="EUR", quantity=2), at(1, product_id="p2"), at(2, product_id="p3", currency="JPY")

    [row], [unknown] = build(*records), build(records[2])

    assert (row.currency, row.value, row.items, row.lines_without_rate) == ("GBP", Decimal("13.50"), 4, 1)
    assert (unknown.value, unknown.lines_without_rate) == (None, 1)


# In any order of arrival


def parse_events(seed):
    """A week and a half of 40 visitors in steps of half an hour, so that pauses of exactly an hour are usual."""
    rng = random.Random(seed)
    records = []
    for number in range(400):
        minutes = rng.choice([rng.randrange(0, 15_000, 30), rng.randrange(0, 600, 30), 0])
        more = {"visitor_id": f"v{number % 40}", "event_id": f"e{rng.randrange(10**9)}-{number}"}
        records.append(at(minutes, rng.choice(NAMES), product_id=rng.choice("abc"), **more))
    return records


def lake_of(spark, folder, some, batches):
    """A lake whose carts are updated batch by batch."""
    engine, since = DeltaEngine(spark, str(folder)), None
    for table in (events, cart_activity):
        engine.create_if_missing(table)
    for batch in batches:
        engine.write(events, some(events, *batch).withColumn("payload_hash", F.lit(1).cast("bigint")))
        if since is None:
            engine.write(cart_activity, cart_activity(engine.read(events)))
        else:
            recompute(engine, cart_activity, events, engine.changed_rows(events, since), cart_activity)
        since = engine.version(events)
    return engine


def check(spark, folder, some, zenith, seed, runs):
    records = parse_events(seed)
    shuffled = random.Random(seed + 1).sample(records, len(records))
    engine = lake_of(spark, folder, some, [shuffled[number::runs] for number in range(runs)])

    remaining = engine.read(cart_activity)
    read = remaining, some(products), ended(some, *records), some(exchange_rate_periods)
    rows = carts(*read, feeds=(zenith,)).collect()
    result = sorted((r.visitor_id, r.started_at, r.left_at, r.state, r.items, r.value) for r in rows)
    assert result == carts_oracle.carts(records)
    full = cart_activity(engine.read(events))
    assert sorted(map(repr, remaining.collect())) == sorted(map(repr, full.select(*remaining.columns).collect()))


QUIET = {"suppress_health_check": list(HealthCheck), "phases": [Phase.explicit, Phase.generate]}


@pytest.mark.slow
@settings(max_examples=2, derandomize=True, **QUIET)
@given(seed=st.integers(0, 2**32), runs=st.integers(2, 3))
def test_carts_updated_run_by_run_are_those_of_a_loop(spark, tmp_path_factory, some, zenith, seed, runs):
    check(spark, tmp_path_factory.mktemp("lake"), some, zenith, seed, runs)


@pytest.mark.slow
@settings(max_examples=20, **QUIET)
@given(seed=st.integers(0, 2**32), runs=st.integers(2, 9))
def test_carts_of_a_great_many_orders_and_splits_are_those_of_a_loop(spark, tmp_path_factory, some, zenith, seed, runs):
    check(spark, tmp_path_factory.mktemp("lake"), some, zenith, seed, runs)
