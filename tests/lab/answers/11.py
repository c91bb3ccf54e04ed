"""Answers to lesson 11, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_nulls(events, products, salts):
    null = F.concat(F.lit("none-"), F.pmod(F.hash("event_id"), F.lit(1_000)))
    left, right = events.withColumn("key", F.coalesce("product_id", null)), products.toDF("key", "name")
    return left.join(right, "key", "left").select("event_id", "name")


def right_apart(events, products, salts):
    known = events.where("product_id IS NOT NULL").join(products, "product_id", "left")
    unknown = events.where("product_id IS NULL").withColumn("name", F.lit(None).cast("string"))
    return known.select("event_id", "name").unionByName(unknown.select("event_id", "name"))


def wrong_broadcast(events, products, salts):
    """both count as large"""
    return events.join(F.broadcast(products), "product_id", "left").select("event_id", "name")


def wrong_behind(events, products, salts):
    """behind the join"""
    return events.join(products, "product_id", "left").select("event_id", "name").repartition(salts)


def wrong_constant(events, products, salts):
    """Salt the large side at random"""
    return events.repartition(salts).join(products, "product_id", "left").select("event_id", "name")


def wrong_inner(events, products, salts):
    """Keep all: a left join"""
    return solution(events.where("product_id IS NOT NULL"), products, salts)
