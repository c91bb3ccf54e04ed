"""The recipes of the page on feed kinds, and what a lake has of their files."""

import re

from shoplake.declare import FeedKind
from tools.docs.sources import ROOT

PAGE = ROOT / "docs/how-to/add-a-feed-kind.md"
TABLES = {"tracker": ("order_lines", "events", "funnel_daily"), "paypal": ("payments",), "stripe": ("payments",)}
TABLES |= dict.fromkeys(("woo_export", "amazon"), ("order_lines", "sales_daily"))
"""The tables that a recipe fills, where they are more than order lines."""


def recipe(name):
    """The kind of that name on the page."""
    for source in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        if f'name="{name}"' in source:
            names = {"__name__": "recipe"}
            exec(compile(source, str(PAGE), "exec"), names)
            return next(kind for kind in names.values() if isinstance(kind, FeedKind) and kind.name == name)
    raise AssertionError(f"no recipe {name}")


def lines_of(lake):
    rows = lake.sql("SELECT order_id, line_number, product_id, amount, order_date FROM silver.order_lines").collect()
    return sorted(tuple(map(str, row)) for row in rows)


def reasons_of(lake):
    rows = lake.sql("SELECT raw, reasons FROM silver.order_lines_quarantine").collect()
    return sorted((row.raw, list(row.reasons)) for row in rows)
