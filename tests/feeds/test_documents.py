import json
from decimal import Decimal

import pytest
from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD
from shoplake.feeds.documents import (
    BODY,
    body_hash,
    charge,
    content_hash,
    json_document,
    line,
    lines_of,
    total,
    with_problem,
)
from shoplake.tables.bronze.orders_raw import orders_raw


@pytest.fixture
def parsed(arrived):
    """The documents called `order` in texts, with the one field `id`."""

    def parse(*texts, is_strict=False):
        raw = arrived(orders_raw, *texts)
        return json_document(raw, "id string", wrapper="order", known=("id", "note"), is_strict=is_strict)

    return parse


@pytest.mark.parametrize("text", ['{"id": 7}', '{"order": {"id": 7}}', ' {\n"order" :{"id":7}\n} '])
def test_a_document_is_read_with_and_without_its_wrapper(parsed, text):
    [row] = parsed(text).collect()

    assert (row.id, json.loads(row[BODY]), row[RECORD].problem) == ("7", {"id": 7}, None)


def test_the_text_of_a_record_has_its_wrapper_and_its_hash_has_not(parsed):
    alone, wrapped = '{"id": 7}', '{"order": {"id": 7}}'
    rows = parsed(alone, wrapped).select(RECORD, body_hash()).collect()

    assert {row[RECORD].raw for row in rows} == {alone, wrapped}
    assert len({row.payload_hash for row in rows}) == 1


@pytest.mark.parametrize("text", ["garbage", "[1]", '{"order": {"id": 7'])
def test_what_is_no_single_object_has_a_problem(parsed, text):
    [row] = parsed(text).collect()

    assert (row.id, row[RECORD].problem) == (None, "is_json_object")


def test_an_object_with_other_fields_beside_the_wrapper_stays_whole(parsed):
    text = '{"order": {"id": 7}, "next": {"id": 8}}'

    [row] = parsed(text).collect()

    assert (row.id, row[RECORD].raw) == (None, text)


def test_only_strict_documents_have_known_fields_alone(parsed):
    texts = ('{"id": 1, "note": 2}', '{"order": {"id": 1, "colour": 2}}')

    problems = [row[RECORD].problem for row in parsed(*texts, is_strict=True).orderBy("_source.line").collect()]

    assert problems == [None, "unknown_fields"]


def test_the_first_problem_of_a_record_stays(parsed):
    rows = with_problem(
        parsed("garbage", '{"id": 1}', '{"id": 2}'), "second", F.coalesce(F.col("id") != "2", F.lit(True))
    )

    assert [row[RECORD].problem for row in rows.orderBy("_source.line").collect()] == ["is_json_object", "second", None]


@pytest.mark.parametrize(
    ("texts", "sum_"),
    [(["1.50", "2"], Decimal("3.5")), ([], 0), (None, 0), (["1", "much"], None), (["1", None], None)],
)
def test_a_total_is_null_if_one_of_its_texts_is_no_number(spark, texts, sum_):
    [row] = spark.createDataFrame([(texts,)], "amounts array<string>").select(total("amounts").alias("sum")).collect()

    assert row.sum == sum_


def test_a_charge_of_nothing_is_no_line(spark):
    rows = spark.createDataFrame([("5",), ("0",), (None,), ("-5",)], "text string")
    amount = F.col("text").try_cast("decimal(18,4)")

    made = rows.select(charge("shipping", -1, amount).alias("line")).collect()

    assert [row.line and (row.line.kind, row.line.amount) for row in made] == [
        *(("sale", "5.0000"), None, None, ("adjustment", "-5.0000")),
    ]


def test_lines_are_those_of_all_parts_but_for_null(spark):
    one, none = line(line_number=1), F.when(F.lit(False), line())

    [row] = spark.range(1).select(lines_of(F.array(one, none), F.lit(None), F.array(one)).alias("lines")).collect()

    assert [each.line_number for each in row.lines] == ["1", "1"]


def test_equal_contents_have_equal_hashes(spark):
    rows = spark.createDataFrame([("a", "b"), ("a", "b"), ("a", None), ("ab", "")], "x string, y string")

    first, second, *others = (row.payload_hash for row in rows.select(content_hash("x", "y")).collect())

    assert first == second
    assert len({first, *others}) == 3


def test_contents_that_are_all_null_have_one_hash(spark):
    rows = spark.createDataFrame([(None, None), (None, None)], "x string, y string")

    assert len({row.payload_hash for row in rows.select(content_hash("x", "y")).collect()}) == 1
