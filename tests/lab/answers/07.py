"""Answers to lesson 07, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_min_by(records):
    amount = F.col("pieces") * F.col("unit_price")
    purchases = records.where("event_name = 'purchase' AND event_id IS NOT NULL")
    each = purchases.groupBy("event_id").agg(F.min_by(amount, "event_at").alias("amount"))
    return each.agg(F.sum("amount").cast("decimal(20,4)")).first()[0]


def right_pandas(records):
    purchases = records.where("event_name = 'purchase'").toPandas().sort_values("event_at")
    once = purchases.drop_duplicates("event_id")
    return float((once["pieces"] * once["unit_price"].astype(float)).sum())


def wrong_smaller(records):
    """You took the smaller of two amounts"""
    purchases = records.where("event_name = 'purchase'").groupBy("event_id")
    return purchases.agg(F.min(F.expr("pieces * unit_price")).alias("amount")).agg(F.sum("amount")).first()[0]


def wrong_row(records):
    """Return one number, not Row"""
    return records.agg(F.sum("pieces")).first()


def wrong_every_event(records):
    """more than any choice gives"""
    return solution(records.withColumn("event_name", F.lit("purchase")))
