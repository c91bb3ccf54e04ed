import re

import pytest
from pyspark.errors import PySparkException

from shoplake.engine.query.query_error import sql_error, to_query_error
from shoplake.errors import EngineConnectionLostError

COLUMNS = ["feed", "sales_date", "net_sales"]
INTERNALS = re.compile(r"ObjectName|Identifier|#\d|0:5|DataFusion|Signature")


@pytest.fixture
def failed(spark):
    """The error of a query over a table of sales, in the engine's own way."""
    sales = spark.createDataFrame([("shop", "2026-01-01", 1.5)], "feed string, sales_date string, net_sales double")
    sales.createOrReplaceTempView("sales")
    sales.createOrReplaceTempView("others")

    def error_of(query):
        with pytest.raises((PySparkException, ValueError)) as raised:
            spark.sql(query).toArrow()
        return str(sql_error(raised.value, query, COLUMNS))

    return error_of


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("SELECT salesdate FROM sales", "Unknown column 'salesdate'. Did you mean 'sales_date'?"),
        ("SELECT s.NetSales FROM sales s", "Unknown column 's.NetSales'. Did you mean 'net_sales'?"),
        ("SELECT zzz FROM sales", "Unknown column 'zzz'. There are: feed, net_sales, sales_date."),
        ("SELECT feed, sum(net_sales) FROM sales", "Column 'feed' is neither in GROUP BY nor inside"),
        ("SELECT sales_date, sum(net_sales) FROM sales GROUP BY feed", "Column 'sales_date' is neither in GROUP BY"),
        ("SELECT feed FROM sales a JOIN others b ON a.feed = b.feed", "Ambiguous column 'feed'. Name its table too"),
        ("SELECT cast('x' AS int)", "Cannot cast string 'x' to value of Int32 type"),
        ("SELECT cast(net_sales AS foo) FROM sales", "Syntax error near 'foo'."),
        ("SELECT foo(1)", "Unknown function 'foo'."),
        ("SELECT sum(feed, 1) FROM sales", "Function 'sum' expects 1 arguments, not 2."),
        ("SELECT count(*) FROM sales WHERE sum(net_sales) > 1", "An aggregate function is not allowed here."),
        ("SELECT 1 / 0", "divide by zero"),
    ],
)
def test_a_query_that_fails_is_answered_in_a_plain_sentence(failed, query, sentence):
    error = failed(query)

    assert error.startswith(f"Query failed: {sentence}")
    assert not INTERNALS.search(error)


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter with name `salesdate` "
            "cannot be resolved. Did you mean one of the following? SQLSTATE: 42703",
            "Unknown column 'salesdate'. Did you mean 'sales_date'?",
        ),
        ("[PARSE_SYNTAX_ERROR] Syntax error at or near 'FORM'. SQLSTATE: 42601", "Syntax error near 'FORM'."),
        (
            "[AMBIGUOUS_REFERENCE] Reference `feed` is ambiguous",
            "Ambiguous column 'feed'. Name its table too, as in t.feed.",
        ),
        (
            '[CANNOT_RESOLVE_DATAFRAME_COLUMN] Cannot resolve dataframe column "netsales". It is probably',
            "Unknown column 'netsales'. Did you mean 'net_sales'?",
        ),
        ("[DIVIDE_BY_ZERO] Division by zero. SQLSTATE: 22012", "[DIVIDE_BY_ZERO] Division by zero."),
        (
            '[AMBIGUOUS_COLUMN_REFERENCE] Column "feed" is ambiguous. It\'s because you joined',
            "Ambiguous column 'feed'. Name its table too, as in t.feed.",
        ),
        ('[MISSING_AGGREGATION] The expression "feed" is not', "A selected column is neither in GROUP BY"),
        ('attribute ObjectName([Identifier("a"), Identifier("b")]) is odd: t."#4"', "attribute 'a.b' is odd: a column"),
    ],
)
def test_messages_of_spark_and_unknown_ones_become_plain_too(message, sentence):
    assert str(to_query_error(PySparkException(message), COLUMNS)).startswith(f"Query failed: {sentence}")


def test_an_unknown_column_has_the_nearest_one_that_spark_names():
    suggestion = "Did you mean one of the following? [`order_lines`.`feed`, `quantity`]. SQLSTATE: 42703"
    error = PySparkException(
        f"[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column with name `quantty` cannot be resolved. {suggestion}"
    )

    assert to_query_error(error).reason == "Unknown column 'quantty'. Did you mean 'quantity'?"


DAMAGED = "A data file is missing or damaged. Find it: shoplake verify. Mend it: shoplake repair"


def test_a_query_of_a_table_without_its_data_file_names_the_repair(spark, tmp_path):
    spark.createDataFrame([(1,)], "n int").write.format("delta").save(str(tmp_path / "t"))
    for file in (tmp_path / "t").glob("*.parquet"):
        file.unlink()

    with pytest.raises(Exception) as raised:  # what an engine raises
        spark.sql(f"SELECT sum(n) FROM delta.`{tmp_path}/t`").collect()

    assert to_query_error(raised.value).reason == DAMAGED


def test_a_long_message_is_cut():
    assert len(str(to_query_error(PySparkException("x" * 1000)))) < 330


def test_a_lost_connection_is_no_error_of_the_query():
    lost = PySparkException("[INVALID_HANDLE.SESSION_CHANGED] The existing Spark server driver")

    assert isinstance(sql_error(lost, "SELECT 1"), EngineConnectionLostError)
