import json
from dataclasses import replace

import pytest
from pyspark.sql import functions as F
from sample_tables import mark, marks, records

from shoplake.declare import col, expect
from shoplake.engine.protocol import ViolationSample
from shoplake.engine.session.capabilities import SAIL
from shoplake.engine.write.staging.staging_area import StagingArea
from shoplake.engine.write.staging.violation_samples import rule_columns
from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines


@pytest.fixture
def samples(spark, tmp_path):
    """The samples of records that are written."""

    def write(*output):
        with StagingArea(spark, str(tmp_path), marks, SAIL) as stage:
            return stage.evaluate(marks(records(spark, *output))).samples

    return write


def test_records_are_sampled_in_their_order_with_the_values_of_the_rule(samples):
    [(rule, rows)] = samples(mark("a"), mark("b", n=0), mark("c", n=-5)).items()
    assert rule == "n_positive"
    assert [(row.line, row.values) for row in rows] == [(2, {"n": "0"}), (3, {"n": "-5"})]
    assert rows[0] == ViolationSample("shop", "b000000001", "f", 2, json.dumps(mark("b", n=0)), {"n": "0"})


def test_a_record_without_a_text_is_sampled_with_an_empty_one(spark, tmp_path):
    rows = records(spark, mark("a", n=0))
    without = marks(rows).withColumn("_source", F.col("_source").withField("raw", F.lit(None).cast("string")))

    with StagingArea(spark, str(tmp_path), marks, SAIL) as stage:
        samples = stage.evaluate(without).samples

    assert [sample.raw for sample in samples["n_positive"]] == [""]


def test_nothing_is_sampled_of_a_table_with_few_quarantined_rows(samples):
    assert samples(*[mark(f"m{number}") for number in range(19)], mark("bad", n=0)) == {}


@pytest.mark.parametrize(
    ("table", "rule", "columns"),
    [
        (events, "quantity_positive", ["quantity"]),
        (events, "event_name_known", ["event_name"]),
        (order_lines, "unit_price_not_negative", ["unit_price"]),
        (events, "price_fits_type", []),
    ],
)
def test_a_rule_shows_the_column_that_it_is_named_after(table, rule, columns):
    assert rule_columns(table, rule) == columns


@pytest.mark.parametrize(
    ("condition", "columns"), [("who <> 'id' AND n > 0", ["who", "n"]), ("n > 0 OR size(tags) > 1", ["n"])]
)
def test_a_rule_with_a_name_of_its_own_shows_the_columns_that_it_reads(condition, columns):
    tagged = replace(marks, columns=(*marks.columns, col("tags", "array<string>", "Tags"), col("x", "int", "Other")))

    assert rule_columns(replace(tagged, rules=(expect("plausible", condition),)), "plausible") == columns
