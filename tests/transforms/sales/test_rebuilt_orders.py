"""Tables that are rebuilt by orders and customers are what a full refresh makes, whatever changes in whatever order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_orders import FEED, event, line, rate, touch, value, version, weight
from sample_rebuilds import ANY_ORDER, Rebuild

from shoplake.tables.gold.attribution.attribution_touches import attribution_touches
from shoplake.tables.gold.attribution.attribution_weights import attribution_weights
from shoplake.tables.gold.attribution.session_touches import session_touches
from shoplake.tables.gold.conversion.purchases import purchases
from shoplake.tables.gold.customers.customer_favourites import customer_favourites
from shoplake.tables.gold.sales.order_values import order_values
from shoplake.tables.gold.sales.reconciliation_orders import reconciliation_orders
from shoplake.tables.gold.sales.sales_daily import sales_daily
from shoplake.tables.silver.categories import categories
from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods
from shoplake.tables.silver.orders.cancelled_order_refunds import cancelled_order_refunds
from shoplake.tables.silver.orders.first_orders import first_orders
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.orders.payments import payments
from shoplake.tables.silver.products import products

DAYS, PEOPLE = st.integers(1, 9), st.sampled_from(["ann", "bob", None])
ORDERS, PRODUCTS = st.sampled_from(["o1", "o2", "o3"]), st.sampled_from(["lamp", "mug"])
LINE_INPUTS = [order_lines, cancelled_order_refunds, first_orders, purchases, products, categories]


@pytest.fixture
def of(spark, some, zenith, tmp_path_factory):
    """A table with its inputs, and a function that puts rows into them and checks the table after the update."""

    def of(table, *inputs):
        rebuild = Rebuild(spark, tmp_path_factory.mktemp("rebuild") / "lake", table, list(inputs), (zenith,))

        def check(**rows):
            for name, records in rows.items():
                rebuild.put(name, some(rebuild.catalog[name], *records))
            plan = rebuild.update()
            assert rebuild.stored() == rebuild.computed()
            return plan

        return rebuild, check

    return of


@pytest.mark.slow
def test_a_version_of_a_product_changes_the_orders_of_its_time(of):
    rebuild, check = of(order_values, *LINE_INPUTS, exchange_rate_periods)
    check(order_lines=[line("o1", 1), line("o2", 5)], products=[version("lamp", 1)])
    early = rebuild.files("2026-03-01")

    check(products=[version("lamp", 1, 3), version("lamp", 3, cost="5.00")])

    assert rebuild.files("2026-03-01") == early != set()


@pytest.mark.slow
def test_a_rate_changes_the_orders_in_its_currency(of):
    rebuild, check = of(order_values, *LINE_INPUTS, exchange_rate_periods)
    lines = [line("o1", 1), line("o2", 5, currency="EUR")]
    check(order_lines=lines, products=[version("lamp", 1)], exchange_rate_periods=[rate(1)])
    early = rebuild.files("2026-03-01")

    check(exchange_rate_periods=[rate(1, 3), rate(4, worth="0.8")])

    assert rebuild.files("2026-03-01") == early != set()


@pytest.mark.slow
def test_a_session_of_another_person_moves_its_touches(of):
    _, check = of(attribution_touches, order_values, purchases, session_touches, attribution_weights)
    orders = [value("o1", 3), value("o2", 4, customer="bob"), value("o3", 5, customer=None)]
    check(order_values=orders, purchases=[event("o3", 5)], session_touches=[touch("s1", 1), touch("s2", 2, "bob")])

    check(session_touches=[touch("s1", 1, "bob"), touch("s2", 2, "ann")])
    check(session_touches=[touch("s1", 1, "bob"), touch("s3", 3, "bob")], attribution_weights=[weight(4, 9)])


LINES = st.lists(
    st.builds(
        line,
        ORDERS,
        DAYS,
        PEOPLE,
        PRODUCTS,
        st.sampled_from(["sale", "sale", "return", "adjustment"]),
        st.sampled_from(["GBP", "EUR"]),
        st.sampled_from(["paid", "paid", "cancelled"]),
        st.integers(1, 2),
    ),
    max_size=6,
    unique_by=lambda row: (row["document_id"], row["line_number"]),
)
EVENTS = st.lists(
    st.builds(event, ORDERS, DAYS, st.sampled_from(["e1", "e2"])), max_size=2, unique_by=lambda row: row["event_id"]
)
VERSIONS = st.sampled_from(
    [[version("lamp", 1)], [version("lamp", 1, 4), version("lamp", 4, cost="5.00"), version("mug", 2)]]
)
RATES = st.sampled_from([[], [rate(1)], [rate(1, 4), rate(5, worth="0.8")]])
VALUES = st.lists(
    st.builds(value, ORDERS, DAYS, PEOPLE, st.just("10.00"), st.sampled_from(["GBP", "EUR"])),
    max_size=3,
    unique_by=lambda row: row["order_id"],
)
TOUCHES = st.lists(
    st.builds(touch, st.sampled_from(["s1", "s2", "s3"]), DAYS, st.sampled_from(["ann", "bob", "cy"])),
    max_size=3,
    unique_by=lambda row: row["session_id"],
)
SALES = st.lists(st.tuples(LINES, EVENTS, VERSIONS, RATES), min_size=2, max_size=3)


@pytest.mark.slow
@settings(ANY_ORDER)
@given(steps=SALES)
def test_order_values_are_those_of_a_full_refresh(of, some, steps):
    _, check = of(order_values, *LINE_INPUTS, exchange_rate_periods)
    for lines, events, versions, rates in steps:
        known = some(order_lines, *lines)
        firsts = [row.asDict() for row in first_orders(known).collect()]
        refunds = [row.asDict() for row in cancelled_order_refunds(known).collect()]
        check(
            order_lines=lines,
            first_orders=firsts,
            cancelled_order_refunds=refunds,
            purchases=events,
            products=versions,
            exchange_rate_periods=rates,
        )


@pytest.mark.slow
@settings(ANY_ORDER)
@given(steps=st.lists(st.tuples(LINES, EVENTS), min_size=2, max_size=3))
def test_reconciled_orders_are_those_of_a_full_refresh(of, steps):
    _, check = of(reconciliation_orders, order_lines, purchases, payments)
    for number, (lines, events) in enumerate(steps):
        paid = FEED | {"payment_id": "p1", "order_id": "o1", "kind": "payment", "amount": f"{number}.00"}
        check(order_lines=lines, purchases=events, payments=[paid | {"paid_date": "2026-03-01"}])


@pytest.mark.slow
@settings(ANY_ORDER)
@given(steps=st.lists(st.tuples(VALUES, RATES), min_size=2, max_size=3))
def test_favourites_are_those_of_a_full_refresh(of, steps):
    _, check = of(customer_favourites, order_values, exchange_rate_periods)
    for values, rates in steps:
        check(order_values=values, exchange_rate_periods=rates)


@pytest.mark.slow
@settings(ANY_ORDER)
@given(steps=st.lists(st.tuples(VALUES, EVENTS, TOUCHES, st.integers(1, 9)), min_size=2, max_size=3))
def test_touches_are_those_of_a_full_refresh(of, steps):
    _, check = of(attribution_touches, order_values, purchases, session_touches, attribution_weights)
    for values, events, touches, day in steps:
        check(order_values=values, purchases=events, session_touches=touches, attribution_weights=[weight(day, 9)])


@pytest.mark.slow
@settings(ANY_ORDER)
@given(steps=st.lists(st.tuples(LINES, VALUES), min_size=2, max_size=3))
def test_sales_of_days_are_those_of_a_full_refresh(of, steps):
    _, check = of(sales_daily, order_lines, cancelled_order_refunds, order_values)
    for lines, values in steps:
        check(order_lines=lines, order_values=values)
