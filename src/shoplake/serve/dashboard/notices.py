"""What a page says before any number: what has not arrived, which prices are unknown, and which tables are stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.serve.answers.quality import IncidentsQuery, incidents

if TYPE_CHECKING:
    from shoplake.serve.dashboard.page_context import PageContext

NO_ORDER = "No order of the feed {feed} has arrived: sales are unknown. Add its files of orders: shoplake run"
NO_EVENT = (
    "No event of the feed {feed} has arrived: visits, views and carts are unknown. "
    "Where the shop records events, add their files: shoplake run"
)
NO_PAYMENT = (
    "No payment of the feed {feed} has arrived: what customers paid is unknown, and every order counts as unpaid. "
    "Where payments are recorded, add their files: shoplake run"
)
NO_PRICE = (
    "No price of the orders of this range is known: sales are unknown. "
    "Add files of products, or of orders, that have prices: shoplake run"
)
STOPPED = "{summary} Its numbers are those of an earlier run. What to do is on the page Quality."
FAILED_RUN = ("run", "failed")
FAILED = "{summary} All numbers are those of an earlier run."
IS_PAID = "SELECT 1 FROM gold.reconciliation_orders WHERE feed = ? AND (paid <> 0 OR received <> 0) LIMIT 1"


def about_orders(context: PageContext) -> list[str]:
    """Return what to know where no order has arrived, so that sales of zero are not taken for what was sold."""
    return [] if context.state.scope.has_orders else [_named(NO_ORDER, context)]


def about_sales(context: PageContext) -> list[str]:
    """Return what to know where no order of the range has arrived with a price."""
    return about_orders(context) or ([NO_PRICE] if context.net_sales is None else [])


def about_events(context: PageContext) -> list[str]:
    """Return what to know where no event has arrived."""
    return [] if context.state.scope.has_events else [_named(NO_EVENT, context)]


def about_payments(context: PageContext) -> list[str]:
    """Return what to know where orders have arrived and no payment."""
    scope = context.state.scope
    if not scope.has_orders or context.generation.query(IS_PAID, [scope.feed]).num_rows:
        return []
    return [_named(NO_PAYMENT, context)]


def about_runs(context: PageContext) -> list[str]:
    """Return which tables the last run left as they were, because a rule or gate stopped it, or that it failed.

    That an earlier run was killed is recorded by one that has finished, whose numbers are shown.
    """
    rows = incidents(context.generation, IncidentsQuery()).rows.to_pylist()
    failed = [FAILED.format(summary=row["summary"]) for row in rows if (row["kind"], row["check_name"]) == FAILED_RUN]
    return failed + [STOPPED.format(summary=row["summary"]) for row in rows if row["kind"] == "stop"]


def empty_sales(context: PageContext, text: str = "Nothing in this range.") -> str:
    """Return what a table of sales says without rows: `text` is true only where orders have arrived."""
    return text if context.state.scope.has_orders else "No order of this feed has arrived."


def empty_visits(context: PageContext, text: str = "Nothing in this range.") -> str:
    """Return what a table of visits says without rows: `text` is true only where events have arrived."""
    return text if context.state.scope.has_events else "No event of this feed has arrived."


def _named(text: str, context: PageContext) -> str:
    return text.format(feed=context.state.scope.feed)
