"""The answers to the three questions, as tables and charts of 80 columns."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rich.text import Text

from shoplake.cli.charts import bar
from shoplake.cli.console import grid, number, percent
from shoplake.cli.demo import queries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from shoplake.cli.demo.queries import Row

MOST = 10


def looked_at(out: Console, products: list[Row]) -> None:
    """The products most viewed and their categories, with what became of the views."""
    top, views = products[:MOST], sum(row["views"] for row in products)
    if top:
        share = percent(_share(sum(row["views"] for row in top), views))
        _say(out, f"At {_name(top[0])} most of all; ten of {number(len(products))} products draw {share} of the views.")
    names = Counter(row["product_name"] for row in top)
    _interest(out, "product", [{**row, "name": _name(row, is_one_of=names[row["product_name"]])} for row in top])
    out.print()
    _interest(out, "category", queries.categories(products)[:MOST])


def leads_to_purchase(out: Console, funnel: list[Row], by: Mapping[str, list[Row]]) -> None:
    """The funnel step by step, and which channels and devices convert."""
    shown = grid(
        "step", "", "visitors", "of all", "of the step before", numbers=["visitors", "of all", "of the step before"]
    )
    most = funnel[0]["visitors"]
    _say(out, _narrowest(funnel))
    for before, row in pairwise([None, *funnel]):
        assert row is not None
        of_before = percent(_share(row["visitors"], before["visitors"])) if before else ""
        chart = _bar(row["visitors"], most, 24)
        shown.add_row(row["step"], chart, number(row["visitors"]), percent(_share(row["visitors"], most)), of_before)
    out.print(shown)
    for name, rows in by.items():
        out.print()
        _conversion(out, name, rows)


def best_customers(out: Console, segments: list[Row], tiers: list[Row], best: list[Row], currency: str) -> None:
    """Segments and value tiers by what they are worth, and the ten best customers."""
    total = sum(row["net"] for row in tiers)
    if tiers:
        share, customers = percent(_share(tiers[0]["net"], total)), number(tiers[0]["customers"])
        _say(out, f"The {customers} {tiers[0]['name']} customers bring {share} of the net sales.")
    for name, rows in (("segment", segments), ("value tier", tiers)):
        _worth(out, name, rows, currency)
        out.print()
    money = f"net {currency}".strip()
    shown = grid(
        "", "best customers", "location", "orders", money, "last order", "segment", numbers=["", "orders", money]
    )
    for place, row in enumerate(best, 1):
        cells: list[str | Text] = [
            str(place),
            row["customer_id"],
            _short(row["location"], 18),
            number(row["orders"]),
            number(row["net"]),
        ]
        shown.add_row(*cells, str(row["last_order_date"]), row["segment"])
    out.print(shown)


def _interest(out: Console, title: str, rows: list[Row]) -> None:
    counts = ("views", "carts", "orders")
    shown = grid(title, "", *counts, "views → order", numbers=[*counts, "views → order"])
    most = max((row["views"] for row in rows), default=0)
    for row in rows:
        chart, rate = _bar(row["views"], most, 14), percent(_share(row["orders"], row["views"]))
        shown.add_row(_short(row["name"], 28), chart, *(number(row[count]) for count in counts), rate)
    out.print(shown)


def _conversion(out: Console, name: str, rows: list[Row]) -> None:
    counts = ("visits", "visits that buy", "conversion")
    shown = grid(name, *counts, "", numbers=counts)
    rates = [_share(row["buying"], row["visits"]) or 0.0 for row in rows]
    for row, rate in zip(rows, rates, strict=True):
        chart = _bar(rate, max(rates), 20)
        shown.add_row(row["name"], number(row["visits"]), number(row["buying"]), percent(rate), chart)
    shown.columns[0].min_width = 16
    out.print(shown)


def _worth(out: Console, name: str, rows: list[Row], currency: str) -> None:
    money, each = f"net {currency}".strip(), "a customer"
    numbers = ["customers", money, "of all", each]
    shown = grid(name, "customers", money, "of all", each, "", numbers=numbers)
    total, most = sum(row["net"] for row in rows), max((row["net"] for row in rows), default=0)
    for row in rows:
        share, mean = percent(_share(row["net"], total)), f"{row['net'] / row['customers']:,.2f}"
        chart = _bar(row["net"], most, 20)
        shown.add_row(row["name"], number(row["customers"]), number(row["net"]), share, mean, chart)
    shown.columns[0].min_width = 16
    out.print(shown)


def _narrowest(funnel: list[Row]) -> str:
    """Between which two steps the smallest share goes on."""
    steps = [(_share(row["visitors"], before["visitors"]) or 0.0, before, row) for before, row in pairwise(funnel)]
    share, before, row = min(steps, key=lambda step: step[0])
    return f"The narrowest step: of those with a {before['step']}, {percent(share)} go on to {row['step']}."


def _name(product: Row, *, is_one_of: int = 1) -> str:
    """A product's name, with its number if several have that name; its number if it has none."""
    name, number_ = product["product_name"], product["product_id"]
    return number_ if not name else name if is_one_of == 1 else f"{name} {number_}"


def _say(out: Console, answer: str) -> None:
    out.print(answer, style="bold")
    out.print()


def _short(text: str | None, width: int) -> Text:
    """A text cut to `width` cells."""
    cut = Text(text or "")
    cut.truncate(width, overflow="ellipsis")
    return cut


def _bar(value: Any, most: Any, width: int) -> Text:
    return Text(bar(float(value), float(most), width), style="cyan", no_wrap=True)


def _share(part: Any, whole: Any) -> float | None:
    return float(part) / float(whole) if whole else None
