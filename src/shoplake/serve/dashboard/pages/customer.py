"""The page of one customer: what is known, the churn probability and why, and all that happened by time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.serve.answers.customers import (
    CustomerQuery,
    customer,
    customer_carts,
    customer_orders,
    customer_timeline,
    customer_versions,
)
from shoplake.serve.answers.predictions.churn import CustomerChurnQuery, customer_churn
from shoplake.serve.dashboard.blocks import Facts, Page, Stack
from shoplake.serve.dashboard.formats import format_day, format_money, format_percent, format_value, guess_kind
from shoplake.serve.dashboard.page_context import PageContext, Row, Shown
from shoplake.serve.dashboard.page_state import csv_link
from shoplake.serve.dashboard.pages.recommended_block import recommended_to_customer

if TYPE_CHECKING:
    from shoplake.serve.answers.query.answer import Answer
    from shoplake.serve.dashboard.blocks import Table

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
TIMELINE, ORDERS, CARTS, REASONS = 25, 20, 10, 6


def customer_page(context: PageContext, name: str) -> Page:
    """Build the page of one customer. Raises AnswerNotFoundError for an unknown one."""
    query = CustomerQuery(name, context.state.scope.feed)
    answer = customer(context.generation, query)
    [row] = answer.rows.to_pylist()
    churn = customer_churn(context.generation, CustomerChurnQuery(name, feed=query.feed))
    row["churn_probability"] = _last_probability(churn, row)
    facts = [(label, _fact(context, row, field)) for field, label in FACTS]
    glance = Facts("At a glance", facts, context.origin(answer.meta), _csv(query, "customer", None))
    blocks: list[Any] = [
        Stack([glance, _churn(context, query, churn), _carts(context, query)]),
        Stack([_timeline(context, query)]),
        recommended_to_customer(context, name),
        _orders(context, query),
        _versions(context, query),
    ]
    return Page("customers", f"Customer {name}", blocks, has_range=False)


def _last_probability(churn: Answer, row: Row) -> float | None:
    """Return that of the last score; `gold.customer_360` has it from the next run on."""
    scored: list[Row] = churn.rows.slice(0, 1).to_pylist()
    value: float | None = (scored or [row])[0].get("churn_probability")
    return value


def _csv(query: CustomerQuery, subject: str, limit: int | None = 10_000) -> str:
    return csv_link(subject, customer=query.customer, feed=query.feed, limit=limit)


def _latest(answer: Answer, limit: int) -> str:
    """Say that there are more rows than those of the table; nothing where there are not."""
    return f"The latest {limit}; the CSV has more." if answer.is_truncated else ""


def _orders(context: PageContext, query: CustomerQuery) -> Table:
    columns = [
        Shown("order_date", "Day", "day"),
        Shown("order_id", "Order", "code"),
        Shown("units", "Units", "count"),
        Shown("returned", "Returned", "money"),
        Shown("net", "Net", "money"),
        Shown("currency", "Currency", "code"),
        Shown("status", "Status"),
    ]
    answer = customer_orders(context.generation, CustomerQuery(query.customer, query.feed, ORDERS))
    note = _latest(answer, ORDERS)
    return context.table("Orders", answer, columns, csv=_csv(query, "customer_orders"), note=note, span="full")


def _carts(context: PageContext, query: CustomerQuery) -> Table:
    columns = [
        Shown("started_at", "Begun", "time"),
        Shown("state", "State"),
        Shown("items", "Items", "count"),
        Shown("value", "Value", "money"),
    ]
    answer = customer_carts(context.generation, CustomerQuery(query.customer, query.feed, CARTS))
    note = _latest(answer, CARTS)
    return context.table("Carts", answer, columns, csv=_csv(query, "customer_carts"), note=note, empty="None.")


def _versions(context: PageContext, query: CustomerQuery) -> Table:
    answer = customer_versions(context.generation, query)
    known = set(answer.rows.column_names)
    columns = [
        Shown(each, each.replace("_", " ").capitalize(), kind) for each, kind in VERSION_COLUMNS if each in known
    ]
    csv = _csv(query, "customer_versions")
    return context.table("Versions of the record", answer, columns, csv=csv, span="full")


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
    """Return orders, carts and visits, latest first."""
    columns = [
        Shown("happened_at", "When", "time"),
        Shown("kind", "What"),
        Shown("channel", "Came by"),
        Shown("state", "State"),
        Shown("items", "Items", "count"),
        Shown("value", "Value", "money"),
        Shown("currency", "Currency", "code"),
    ]
    answer = customer_timeline(context.generation, CustomerQuery(query.customer, query.feed, TIMELINE))
    csv = _csv(query, "customer_timeline")
    note = f"{_latest(answer, TIMELINE)} Items of a visit are the products seen.".strip()
    return context.table("Timeline", answer, columns, csv=csv, note=note, empty="Nothing yet.")


def _churn(context: PageContext, query: CustomerQuery, answer: Answer) -> Table:
    """Return the reasons of the last score that raise or lower it most."""
    rows: list[Row] = answer.rows.slice(0, REASONS).to_pylist()
    columns = [Shown("reason", "Reason", "code"), Shown("contribution", "Adds to the probability", "figure")]
    note = ""
    if rows:
        score = rows[0]
        note = (
            f"{format_percent(score['churn_probability'])} as of {format_day(score['as_of_date'])} by version "
            f"{score['model_version']}; before any reason it is {format_percent(score['base_probability'])}."
        )
    shown = type(answer)(answer.rows.slice(0, REASONS), answer.meta)
    csv = csv_link("customer_churn", customer=query.customer, feed=query.feed)
    return context.table("Churn: why", shown, columns, csv=csv, note=note, empty="Not scored: shoplake score churn")
