"""Answers to lesson 01, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_sql(events):
    names = ("add_to_cart", "checkout_started")
    counts = ", ".join(f"count_if(event_name = '{name}') AS {name}" for name in names)
    rows = shop.spark.sql(f"SELECT count(*) AS events, {counts} FROM {{events}}", events=events)
    return rows.first().asDict()


def right_all_names(events):
    by_name = {row["event_name"]: row["count"] for row in events.groupBy("event_name").count().collect()}
    return by_name | {"events": sum(by_name.values())}


def wrong_nothing_ran(events):
    """A DataFrame is a plan"""
    return events.groupBy("event_name").count()


def wrong_row(events):
    """not Row: asDict() makes one"""
    return events.agg(F.count("*").alias("events")).first()


def wrong_cached(events):
    """3 plans were executed"""
    kept = events.cache()
    names = ("add_to_cart", "checkout_started")
    return {name: kept.where(F.col("event_name") == name).count() for name in names} | {"events": kept.count()}
