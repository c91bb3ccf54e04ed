import pytest
from sample_tables import CATALOG, totals

from shoplake.declare import agrees
from shoplake.quality.totals import compare_totals


class Reader:
    """Answers queries over views that are named as tables."""

    def __init__(self, spark):
        self.sql = spark.sql

    def sql_name(self, table):
        return f"view_of_{table.name}"

    def row_count(self, table):
        return 2


@pytest.fixture(scope="module")
def reader(spark):
    spark.createDataFrame([(5,)], "n int").createOrReplaceTempView("view_of_marks")
    spark.createDataFrame([(3,)], "pieces int").createOrReplaceTempView("view_of_totals")
    spark.createDataFrame([(5,)], "pieces int").createOrReplaceTempView("staged")
    return Reader(spark)


def gate(cents=0):
    queries = "SELECT sum(pieces) FROM gold.totals", "SELECT sum(n) FROM silver.marks"
    return agrees("pieces_of_marks", *queries, cents_per_row=cents)


def test_totals_that_differ_do_not_agree(reader):
    found = compare_totals(reader, CATALOG, totals, gate())

    assert (found.actual, found.expected, found.is_agreed) == (3, 5, False)


def test_each_row_may_differ_by_the_declared_cents(reader):
    assert compare_totals(reader, CATALOG, totals, gate(99)).is_agreed is False
    assert compare_totals(reader, CATALOG, totals, gate(100)).is_agreed is True


def test_a_view_stands_for_the_table_that_is_going_to_be_written(reader):
    assert compare_totals(reader, CATALOG, totals, gate(), {"gold.totals": "staged"}).is_agreed is True


def test_a_total_of_a_table_that_the_catalogue_lacks_is_left_out(reader):
    other = agrees("pieces", "SELECT 1 AS n FROM gold.elsewhere", "SELECT 1")

    assert compare_totals(reader, CATALOG, totals, other) is None


def test_totals_of_a_table_of_which_rows_have_expired_are_left_out(reader):
    assert compare_totals(reader, CATALOG, totals, gate(), expired=["silver.marks"]) is None
    assert compare_totals(reader, CATALOG, totals, gate(), expired=["silver.prices"]) is not None
