"""Answers to lesson 10, whose names they see. A wrong one has a part of its hint for a docstring."""


def wrong_hint(spark, views, sales, folder):
    """Sail ignores the hint"""
    return views.join(F.broadcast(sales.distinct()), ["product_id", "event_date"], "left_semi")
