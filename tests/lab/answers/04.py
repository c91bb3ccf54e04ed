"""Answers to lesson 04, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_sql(lines):
    schema = "order_id string, lines array<struct<quantity int, unit_price decimal(10,2)>>"
    parsed = f"SELECT DISTINCT from_json(value, '{schema}') AS record FROM {{lines}}"
    query = f"SELECT record.order_id, inline(record.lines) FROM ({parsed}) WHERE record.order_id IS NOT NULL"
    return shop.spark.sql(query, lines=lines)


def right_cast(lines):
    rows = solution(lines, "string").withColumn("unit_price", F.col("unit_price").cast("decimal(12,2)"))
    return rows.withColumn("sales", F.expr("quantity * unit_price"))


def wrong_equal_lines(lines):
    """remove repeated orders, not rows"""
    return solution(lines).distinct()


def wrong_twice(lines):
    """An order that arrived twice counts once"""
    schema = "order_id string, lines array<struct<quantity int, unit_price decimal(18,2)>>"
    orders = lines.select(F.from_json("value", schema).alias("order")).where("order.order_id IS NOT NULL")
    return orders.select("order.order_id", F.inline("order.lines"))


def wrong_cut_off(lines):
    """A row has no order_id"""
    schema = "order_id string, lines array<struct<quantity int, unit_price decimal(18,2)>>"
    orders = lines.select(F.from_json("value", schema).alias("order")).select("order.*")
    return orders.dropDuplicates(["order_id"]).select("order_id", F.inline_outer("lines"))


def wrong_text(lines):
    """quantity is string, not int"""
    return solution(lines).withColumn("quantity", F.col("quantity").cast("string"))


def wrong_collected(lines):
    """answer returned a list"""
    return solution(lines).collect()
