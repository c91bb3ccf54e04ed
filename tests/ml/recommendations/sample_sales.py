"""Sales of customers who buy random baskets of `sample_baskets`, one order a day, from 1 January 2026 on."""

from datetime import date, timedelta

from shoplake.ml.recommendations.questions import Sale

from .sample_baskets import draw_baskets

FIRST = date(2026, 1, 1)


def draw_sales(orders, customers=12):
    """Return the lines of orders; the customer of an order is its number modulo the customers."""
    return [
        Sale(f"o{number:04}", f"c{number % customers:02}", product, FIRST + timedelta(days=number // 4))
        for number, basket in enumerate(draw_baskets(orders))
        for product in basket
    ]
