"""The answers of the demo, as tables and charts of 80 columns."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rich.text import Text

from shoplake.cli.charts import bar
from shoplake.cli.console import format_number, format_percent, text_table
from shoplake.cli.demo import queries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from shoplake.cli.demo.queries import Row

TOP = 10
SHADES = "·░▒▓█"


def print_interest(console: Console, products: list[Row]) -> None:
    """Print the most viewed products and categories, with their conversion."""
    top, views = products[:TOP], sum(row["views"] for row in products)
    if top:
        share = format_percent(_share(sum(row["views"] for row in top), views))
        count = format_number(len(products))
        _print_answer(
            console, f"Most viewed: {_label(top[0])}. The top {len(top)} of {count} products get {share} of the views."
        )
    names = Counter(row["product_name"] for row in top)
    labelled = [{**row, "name": _label(row, occurrences=names[row["product_name"]])} for row in top]
    _print_products(console, "product", labelled)
    console.print()
    _print_products(console, "category", queries.categories(products)[:TOP])


def print_purchase_drivers(console: Console, funnel: list[Row], conversions: Mapping[str, list[Row]]) -> None:
    """Print the funnel step by step, and the conversion of channels and devices."""
    numbers = ("sessions", "of all", "of previous step")
    table = text_table("step", "", *numbers, numbers=numbers)
    maximum = funnel[0]["sessions"]
    _print_answer(console, _narrowest(funnel))
    for before, row in pairwise([None, *funnel]):
        assert row is not None
        of_all = format_percent(_share(row["sessions"], maximum))
        of_previous = format_percent(_share(row["sessions"], before["sessions"])) if before else ""
        chart = _bar(row["sessions"], maximum, 24)
        table.add_row(row["step"], chart, format_number(row["sessions"]), of_all, of_previous)
    console.print(table)
    for name, rows in conversions.items():
        console.print()
        _print_conversion(console, name, rows)


def print_best_customers(
    console: Console, segments: list[Row], tiers: list[Row], best: list[Row], currency: str
) -> None:
    """Print segments and value tiers by net sales, and the ten best customers."""
    total = sum(row["net"] for row in tiers)
    if tiers:
        share, customers = format_percent(_share(tiers[0]["net"], total)), format_number(tiers[0]["customers"])
        _print_answer(console, f"The {customers} {tiers[0]['name']} customers make {share} of the net sales.")
    for name, rows in (("segment", segments), ("value tier", tiers)):
        _print_net_sales(console, name, rows, currency)
        console.print()
    money = f"net {currency}".strip()
    numbers = ["", "orders", money, "still active", "next year"]
    table = text_table("", "best customers", "location", "segment", *numbers[1:], numbers=numbers)
    for rank, row in enumerate(best, 1):
        cells: list[str | Text] = [
            str(rank),
            row["customer_id"],
            _truncate(row["location"] or "", 14),
            row["segment"],
            format_number(row["orders"]),
            format_number(row["net"]),
            format_percent(row["p_alive"]),
        ]
        table.add_row(*cells, "" if row["value_365d"] is None else format_number(row["value_365d"]))
    console.print(table)


def print_cohorts(console: Console, rows: list[Row]) -> None:
    """Print a heat map: months of first order by the months since, with the share of customers who order then."""
    months = sorted({row["month_number"] for row in rows})
    names = [f"month {number}" for number in months]
    table = text_table("first order in", "customers", *names, numbers=["customers", *names])
    for cohort in sorted({row["cohort_month"] for row in rows}):
        cells = {row["month_number"]: row for row in rows if row["cohort_month"] == cohort}
        shown = [_heat(cells.get(number)) for number in months]
        table.add_row(f"{cohort:%B %Y}", format_number(cells[0]["customers"]), *shown)
    console.print(table)


def _print_products(console: Console, title: str, rows: list[Row]) -> None:
    counts = ("views", "carts", "orders")
    table = text_table(title, "", *counts, "views → order", numbers=[*counts, "views → order"])
    maximum = max((row["views"] for row in rows), default=0)
    for row in rows:
        chart, rate = _bar(row["views"], maximum, 14), format_percent(_share(row["orders"], row["views"]))
        table.add_row(_truncate(row["name"], 28), chart, *(format_number(row[count]) for count in counts), rate)
    console.print(table)


def _print_conversion(console: Console, name: str, rows: list[Row]) -> None:
    counts = ("sessions", "with a purchase", "conversion")
    table = text_table(name, *counts, "", numbers=counts)
    rates = [_share(row["converting"], row["sessions"]) or 0.0 for row in rows]
    for row, rate in zip(rows, rates, strict=True):
        chart = _bar(rate, max(rates), 20)
        sessions = (format_number(row[count]) for count in ("sessions", "converting"))
        table.add_row(row["name"], *sessions, format_percent(rate), chart)
    table.columns[0].min_width = 16
    console.print(table)


def _print_net_sales(console: Console, name: str, rows: list[Row], currency: str) -> None:
    money, each = f"net {currency}".strip(), "per customer"
    numbers = ["customers", money, "of all", each]
    table = text_table(name, "customers", money, "of all", each, "", numbers=numbers)
    total, maximum = sum(row["net"] for row in rows), max((row["net"] for row in rows), default=0)
    for row in rows:
        share, mean = format_percent(_share(row["net"], total)), f"{row['net'] / row['customers']:,.2f}"
        chart = _bar(row["net"], maximum, 20)
        table.add_row(row["name"], format_number(row["customers"]), format_number(row["net"]), share, mean, chart)
    table.columns[0].min_width = 16
    console.print(table)


def _heat(row: Row | None) -> str:
    if row is None:
        return ""
    shade = SHADES[min(len(SHADES) - 1, int((row["retention"] or 0) * len(SHADES)))]
    return f"{shade} {format_percent(row['retention'])}"


def _narrowest(funnel: list[Row]) -> str:
    """Name the two steps between which the smallest share of sessions continues."""
    steps = [(_share(row["sessions"], before["sessions"]) or 0.0, before, row) for before, row in pairwise(funnel)]
    share, before, row = min(steps, key=lambda step: step[0])
    return f"Narrowest step: {format_percent(share)} of {before['step']} sessions continue to {row['step']}."


def _label(product: Row, *, occurrences: int = 1) -> str:
    """Return a product's name, with its id if several have that name; its id if it has no name."""
    name, product_id = product["product_name"], product["product_id"]
    return product_id if not name else name if occurrences == 1 else f"{name} {product_id}"


def _print_answer(console: Console, answer: str) -> None:
    console.print(answer, style="bold")
    console.print()


def _truncate(text: str | None, width: int) -> Text:
    """Cut a text to `width` cells."""
    cut = Text(text or "")
    cut.truncate(width, overflow="ellipsis")
    return cut


def _bar(value: Any, maximum: Any, width: int) -> Text:
    return Text(bar(float(value), float(maximum), width), style="cyan", no_wrap=True)


def _share(part: Any, whole: Any) -> float | None:
    return float(part) / float(whole) if whole else None
