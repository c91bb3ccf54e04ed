from datetime import date
from decimal import Decimal

from shoplake.transforms.customers.customer_activity import MARGIN, MEASURES, combine, net

SALES = "feed string, customer_id string, activity_date date, orders bigint, gross decimal(18,4)"
MARGINS = "feed string, customer_id string, activity_date date, margin decimal(18,4)"
SALES_OF = ("orders", "gross")
DAY = date(2026, 3, 1)


def test_parts_of_a_day_combine_to_one_row_guests_too(spark):
    sales = spark.createDataFrame([("shop", None, DAY, 2, Decimal(9)), ("shop", "ann", DAY, 1, Decimal(5))], SALES)
    margins = spark.createDataFrame([("shop", None, DAY, Decimal(3))], MARGINS)

    rows = {row.customer_id: row for row in combine((sales, SALES_OF), (margins, MARGIN)).collect()}

    assert (rows[None].orders, rows[None].gross, rows[None].margin) == (2, 9, 3)
    assert (rows["ann"].orders, rows["ann"].margin, rows["ann"].sessions) == (1, None, 0)


def test_a_day_without_sales_has_no_money_and_an_unknown_sale_is_null(spark):
    sales = spark.createDataFrame([("shop", "ann", DAY, 1, None)], SALES)
    margins = spark.createDataFrame([("shop", "bob", DAY, Decimal(3))], MARGINS)

    rows = {row.customer_id: row.gross for row in combine((sales, SALES_OF), (margins, MARGIN)).collect()}

    assert rows == {"ann": None, "bob": 0}


def test_the_columns_are_the_measures_but_net(spark):
    sales = spark.createDataFrame([], SALES)

    names = ["feed", "customer_id", "activity_date", *[each.name for each in MEASURES if each.name != "net"]]
    assert combine((sales, SALES_OF)).columns == names


def test_net_is_null_where_a_part_is_unknown(spark):
    money = "gross decimal(18,4), discounts decimal(18,4), returns decimal(18,4)"
    rows = spark.createDataFrame([(Decimal(9), Decimal(1), Decimal(2)), (None, Decimal(0), Decimal(0))], money)

    assert sorted(str(row.net) for row in rows.select(net()).collect()) == ["6.0000", "None"]
