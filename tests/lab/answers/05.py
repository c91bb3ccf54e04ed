"""Answers to lesson 05, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_inline(orders):
    lines = orders.select(F.inline("lines")).withColumn("sales", F.expr("quantity * unit_price"))
    sums = {"units": F.sum("quantity"), "gross_sales": F.sum("sales")}
    return lines.groupBy("product_id").agg(*[each.alias(name) for name, each in sums.items()])


def right_more_places(orders):
    return solution(orders).withColumn("gross_sales", F.col("gross_sales").cast("decimal(20,4)"))


def wrong_other_products(orders):
    """The totals are right, but not those of"""
    return solution(orders).withColumn("product_id", F.reverse("product_id"))


def wrong_by_order(orders):
    """A product has more than one row"""
    lines = orders.select("order_id", F.inline("lines")).groupBy("order_id", "product_id")
    return lines.agg(F.sum("quantity").alias("units"), F.sum(F.expr("quantity * unit_price")).alias("gross_sales"))


def wrong_prices(orders):
    """Gross sales are"""
    lines = orders.select(F.inline("lines")).groupBy("product_id")
    return lines.agg(F.sum("quantity").alias("units"), F.sum("unit_price").alias("gross_sales"))
