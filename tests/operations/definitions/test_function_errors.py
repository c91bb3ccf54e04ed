from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from grpc import StatusCode
from pyspark.errors.exceptions.connect import SparkConnectGrpcException
from pyspark.sql import functions as F
from sample_changes import changed
from sample_tables import feed

from shoplake.declare.catalog import Catalog
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.errors import DeclarationError, EngineConnectionLostError
from shoplake.operations.definitions.current_definitions import CurrentDefinitions

TIME_ZONE = "spark.sql.session.timeZone"


@pytest.fixture
def check(spark, tmp_path):
    """Check `gold.totals` with another function, as a run does before it reads data."""

    def checked(build):
        declared = changed("totals", build=build)
        engine = DeltaEngine(spark, str(tmp_path))
        CurrentDefinitions(engine, Catalog(declared.values()), (feed(tmp_path),)).check(declared["totals"])

    return checked


def if_of_a_column(daily):
    return daily.select(F.lit(1 if F.col("pieces") > 1 else 2))


def frame_of_rows(daily):
    return daily.sparkSession.createDataFrame(daily.toPandas())


def jvm_only(daily):
    return daily.rdd.toDF()


@pytest.mark.parametrize("build", [if_of_a_column, frame_of_rows, jvm_only])
def test_what_the_client_refuses_is_said_of_the_table_with_its_line(check, build):
    line = build.__code__.co_firstlineno + 1

    with pytest.raises(
        DeclarationError,
        match=rf"^gold\.totals cannot be built: \[[A-Z_]+\] .+ \({Path(__file__).name}, line {line}\)$",
    ):
        check(build)


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda daily: daily.select(F.col("pieces") / F.lit(0)), "divide by zero"),
        (lambda daily: daily.sparkSession.sql("SELECT feed, day x y FROM t"), "Syntax error near 'y'"),
        (lambda daily: daily.select("peices"), "Unknown column 'peices'"),
        (lambda daily: daily.groupBy("feed").agg(F.col("pieces")), "A selected column is neither in GROUP BY"),
    ],
)
def test_what_the_engine_refuses_is_said_of_the_table_in_a_plain_sentence(check, build, reason):
    with pytest.raises(DeclarationError, match=rf"^gold\.totals cannot be built: {reason}"):
        check(build)


def test_rows_of_pandas_are_no_frame_of_spark(check):
    with pytest.raises(DeclarationError, match=r"returned a pandas.DataFrame, not a DataFrame of Spark"):
        check(lambda daily: daily.toPandas())


def test_an_engine_that_is_gone_is_no_mistake_of_a_table(check):
    def totals(daily):
        raise SparkConnectGrpcException("Connection refused", grpc_status_code=StatusCode.UNAVAILABLE)

    with pytest.raises(EngineConnectionLostError):
        check(totals)


def setting_time_zone(spark, daily):
    spark.conf.set(TIME_ZONE, "Asia/Tokyo")
    return daily


def test_a_function_that_changes_what_all_tables_share_is_refused_and_undone(check, spark):
    with pytest.raises(
        DeclarationError, match=rf"gold\.totals sets {TIME_ZONE}, which all tables of a run share\. Convert"
    ):
        check(partial(setting_time_zone, spark))

    assert spark.conf.get(TIME_ZONE) == "UTC"


def test_a_setting_is_undone_where_the_function_fails_too(check, spark):
    def totals(daily):
        return setting_time_zone(spark, daily).nope

    with suppress(DeclarationError):
        check(totals)

    assert spark.conf.get(TIME_ZONE) == "UTC"


@pytest.mark.parametrize(
    ("build", "place"),
    [
        (lambda daily: daily.sparkSession.read.csv("/shop/prices.csv", "price double"), "/shop/prices.csv"),
        (lambda daily: daily.crossJoin(daily.sparkSession.read.load("/lake/silver/x", "delta")), "/lake/silver/x"),
        (lambda daily: daily.union(daily.sparkSession.table("main.silver.x")), "main.silver.x"),
        (lambda daily: daily.sparkSession.sql("SELECT * FROM json.`/shop/a.json`"), "json.`/shop/a.json`"),
        (lambda daily: daily.sparkSession.sql("WITH a AS (SELECT 1 FROM silver.x) SELECT * FROM a"), "silver.x"),
    ],
)
def test_what_is_read_beside_the_inputs_is_refused(check, build, place):
    with pytest.raises(DeclarationError, match=rf"^gold\.totals reads {place}, which is none of its inputs"):
        check(build)


def test_views_and_rows_of_the_function_itself_are_part_of_it(spark, check):
    def totals(daily):
        daily.createOrReplaceTempView("days")
        words = spark.createDataFrame([("a", 1)], "word string, n int")
        rows = spark.table("days").join(spark.sql("SELECT feed AS f FROM days"), F.col("feed") == F.col("f"))
        return rows.crossJoin(words).groupBy("feed").agg(F.sum("pieces").alias("pieces"))

    check(totals)
