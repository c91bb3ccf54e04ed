"""The page Customers: segments, tiers, cohorts and the best customers; and the page of one customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shoplake.serve.answers.customers import (
    CohortsQuery,
    CustomerListQuery,
    CustomerQuery,
    SegmentsQuery,
    cohorts,
    customer,
    customer_carts,
    customer_list,
    customer_orders,
    customer_versions,
    customer_visits,
    segments,
)
from shoplake.serve.dashboard.blocks import Cell, Facts, Heat, Page
from shoplake.serve.dashboard.formats import format_money, format_percent, format_value, guess_kind
from shoplake.serve.dashboard.page_context import PageContext, Row, Shown
from shoplake.serve.dashboard.page_state import csv_link

if TYPE_CHECKING:
    from shoplake.serve.dashboard.blocks import Span, Table

BEST, LEVELS, MOST_PERIODS = 12, 9, 13


def customers_page(context: PageContext) -> Page:
    """Build the page; `cohort_by` in the address is month or week."""
    blocks: list[Any] = [
        _groups(context, "segment", "Segments", "tall"),
        _groups(context, "value_tier", "Value tiers", "half"),
        _cohorts(context),
        _best(context),
    ]
    return Page("customers", "Customers", blocks, has_range=False)


def _groups(context: PageContext, by: Any, title: str, span: Span) -> Table:
    state = context.state

    def members(row: Row) -> str:
        return state.rows_link("customer_list", feed=state.scope.feed, by=by, only=row[by], limit=1000)

    columns = [
        Shown(by, title.removesuffix("s")),
        Shown("customers", "Customers", "count", members),
        Shown("net", "Net sales", "money", bar=True),
        Shown("share_of_net", "Of all", "percent"),
        Shown("net_per_customer", "Each", "money"),
    ]
    answer = segments(context.generation, SegmentsQuery(by, state.scope.feed))
    return context.table(title, answer, columns, csv=csv_link("segments", feed=state.scope.feed, by=by), span=span)


def _cohorts(context: PageContext) -> Heat:
    state = context.state
    grain: Any = "week" if state.extra.get("cohort_by") == "week" else "month"
    answer = cohorts(context.generation, CohortsQuery(grain, feed=state.scope.feed))
    rows: dict[Any, dict[int, Row]] = {}
    for row in answer.rows.to_pylist():
        rows.setdefault(row["cohort"], {})[row["number"]] = row
    latest = dict(list(rows.items())[-MOST_PERIODS:])
    last = min(max((number for row in latest.values() for number in row), default=0), MOST_PERIODS)
    most = max((row["retention"] or 0 for each in latest.values() for n, row in each.items() if n), default=0)
    numbers = range(1, last + 1)
    shown = [
        (
            f"{cohort:%b %Y}" if grain == "month" else f"{cohort:%d %b %Y}",
            f"{cells[0]['customers']:,}",
            [_heat_cell(cells.get(n), most) for n in numbers],
        )
        for cohort, cells in latest.items()
        if 0 in cells
    ]
    ways = [(each.capitalize(), state.link("/customers", cohort_by=each), each == grain) for each in ("month", "week")]
    return Heat(
        "Customers who came back",
        "First order",
        ["Customers", *(f"{grain.capitalize()} {n}" for n in numbers)],
        shown,
        context.origin(answer.meta),
        csv_link("cohorts", feed=state.scope.feed, grain=grain),
        "Share of the cohort that ordered in that period. Hatched: the period is not over.",
        links=ways,
    )


def _heat_cell(row: Row | None, most: float) -> Cell:
    if row is None:
        return Cell("", style="none")
    share = row["retention"] or 0
    level = round(LEVELS * share / most) if most else 0
    return Cell(format_percent(share), style=f"h{level}{'' if row['is_complete'] else ' open'}")


def _best(context: PageContext) -> Table:
    state = context.state

    def one(row: Row) -> str | None:
        return state.link(f"/customers/{quote(row['customer_id'], safe='')}") if context.can_see_personal else None

    columns = [
        Shown("customer_id", "Customer", "code", one),
        Shown("segment", "Segment"),
        Shown("orders", "Orders", "count"),
        Shown("net", "Net sales", "money", bar=True),
        Shown("p_alive", "Still active", "percent"),
        Shown("value_365d", "Next year", "money"),
    ]
    answer = customer_list(context.generation, CustomerListQuery(feed=state.scope.feed, limit=BEST))
    note = "" if context.can_see_personal else "The page of one customer needs a role that sees personal data."
    more = ("All customers", state.rows_link("customer_list", feed=state.scope.feed, limit=1000))
    csv = csv_link("customer_list", feed=state.scope.feed, limit=100_000)
    return context.table("Best customers", answer, columns, csv=csv, note=note, more=more, span="full")


FACTS = (
    ("segment", "Segment"),
    ("value_tier", "Value tier"),
    ("rfm", "RFM"),
    ("location", "Location"),
    ("signup_date", "Signed up"),
    ("acquisition_channel", "Came by"),
    ("favourite_category", "Favourite category"),
    ("first_order_date", "First order"),
    ("last_order_date", "Last order"),
    ("orders", "Orders"),
    ("net", "Lifetime net sales"),
    ("average_order_value", "Average order"),
    ("return_rate", "Return rate"),
    ("sessions", "Visits"),
    ("p_alive", "Still active"),
    ("churn_probability", "Churn probability"),
    ("value_365d", "Expected next year"),
)
TIMELINE, ORDERS = 25, 20


def customer_page(context: PageContext, name: str) -> Page:
    """Build the page of one customer. Raises AnswerNotFoundError for an unknown one."""
    feed = context.state.scope.feed
    query = CustomerQuery(name, feed)
    answer = customer(context.generation, query)
    [row] = answer.rows.to_pylist()
    facts = [(label, _fact(context, row, field)) for field, label in FACTS]
    csv = csv_link("customer", customer=name, feed=feed)
    orders = [
        Shown("order_date", "Day", "day"),
        Shown("order_id", "Order", "code"),
        Shown("units", "Units", "count"),
        Shown("returned", "Returned", "money"),
        Shown("net", "Net", "money"),
        Shown("currency", "Currency", "code"),
        Shown("status", "Status"),
    ]
    carts = [
        Shown("started_at", "Begun", "time"),
        Shown("state", "State"),
        Shown("items", "Items", "count"),
        Shown("value", "Value", "money"),
    ]
    versions = [Shown(each, each.replace("_", " ").capitalize(), kind) for each, kind in VERSION_COLUMNS]
    found = customer_versions(context.generation, query)
    known = [each for each in versions if each.name in found.rows.column_names]

    def link(subject: str) -> str:
        return csv_link(subject, customer=name, feed=feed, limit=10_000)

    blocks: list[Any] = [
        Facts("At a glance", facts, context.origin(answer.meta), csv),
        _timeline(context, query),
        context.table(
            "Orders",
            customer_orders(context.generation, CustomerQuery(name, feed, ORDERS)),
            orders,
            csv=link("customer_orders"),
        ),
        context.table(
            "Carts", customer_carts(context.generation, query), carts, csv=link("customer_carts"), empty="None."
        ),
        context.table("Versions of the record", found, known, csv=link("customer_versions"), span="full"),
    ]
    return Page("customers", f"Customer {name}", blocks, has_range=False)


VERSION_COLUMNS: tuple[tuple[str, Any], ...] = (
    ("valid_from", "time"),
    ("valid_to", "time"),
    ("signup_date", "day"),
    ("location", "code"),
    ("email", "code"),
    ("phone", "code"),
)


def _fact(context: PageContext, row: Row, name: str) -> str:
    value = row.get(name)
    kind = guess_kind(name, value)
    if name in ("p_alive", "churn_probability"):
        return format_percent(value)
    if kind == "money":
        return format_money(value, row["currency"])
    return format_value(value, "text" if name in ("segment", "acquisition_channel") else kind, context.zone)


def _timeline(context: PageContext, query: CustomerQuery) -> Table:
    """Visits with what was done in each, latest first."""
    columns = [
        Shown("started_at", "Visit", "time"),
        Shown("channel", "Came by"),
        Shown("device", "Device"),
        Shown("product_views", "Views", "count"),
        Shown("add_to_carts", "To cart", "count"),
        Shown("purchases", "Bought", "count"),
    ]
    answer = customer_visits(context.generation, CustomerQuery(query.customer, query.feed, TIMELINE))
    csv = csv_link("customer_visits", customer=query.customer, feed=query.feed, limit=10_000)
    return context.table("Timeline of visits", answer, columns, csv=csv, empty="No visit while logged in.", span="tall")
