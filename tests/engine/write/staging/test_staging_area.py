import json
from dataclasses import replace
from pathlib import Path

import pytest
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StringType, StructField, StructType
from sample_tables import ARRIVED, mark, marks, records

from shoplake.columns.raw_record import RECORD
from shoplake.declare import Action, Expectation, expect
from shoplake.engine.protocol import WriteResult
from shoplake.engine.session.capabilities import SAIL
from shoplake.engine.write.staging.staged_files import UnsharedFolderError
from shoplake.engine.write.staging.staging_area import FOLDER, StagingArea, _with_optional_raw, remove_leftovers
from shoplake.errors import WriteStoppedError

RECORDS = [mark("good"), mark("bad", n=0), {"n": 0}, "no json"]


@pytest.fixture
def stage(spark, tmp_path):
    return StagingArea(spark, str(tmp_path), marks, SAIL)


@pytest.fixture
def rows(spark):
    return marks(records(spark, *RECORDS[:2], batch="b1").unionAll(records(spark, *RECORDS[2:], batch="b2")))


def files(tmp_path):
    return [path for path in (tmp_path / FOLDER).rglob("*") if path.is_file()]


def test_rows_are_counted_with_the_rules_they_break(stage, rows):
    with stage:
        written = stage.evaluate(rows)

    broken = {"id_present": 1, "at_present": 1, "n_positive": 2, "is_json_object": 1}
    assert written == WriteResult(4, 1, 3, violations=broken)


def test_good_rows_come_out_as_they_are_declared(stage, rows):
    with stage:
        stage.evaluate(rows)
        good = stage.valid()

        assert good.columns == [column.name for column in marks.columns]
        assert [row.id for row in good.collect()] == ["good"]


def test_bad_rows_come_out_with_reasons_and_where_they_came_from(stage, rows):
    with stage:
        stage.evaluate(rows)
        bad = stage.invalid(marks.quarantine)
        found = [row.asDict() for row in bad.where("line = 2 AND batch_id = 'b1'").collect()]

    where = {"feed": "shop", "file": "f", "line": 2, "batch_id": "b1", "quarantined_at": ARRIVED.replace(tzinfo=None)}
    assert found == [
        where | {"record_key": '{"id":"bad"}'} | {"raw": json.dumps(RECORDS[1]), "reasons": ["n_positive"]}
    ]
    assert bad.columns == [column.name for column in marks.quarantine.columns]


def test_the_batches_of_bad_rows_are_reported(stage, rows):
    with stage:
        stage.evaluate(rows)

        assert stage.invalid_batches == ["b1", "b2"]


def test_raw_text_is_kept_of_bad_rows_only(stage, rows, spark, tmp_path):
    with stage:
        stage.evaluate(rows)
        kept = spark.read.parquet(*map(str, tmp_path.glob(f"{FOLDER}/marks-*/evaluated")))

        found = {row.raw for row in kept.select(F.col("_source.raw").alias("raw")).collect()}

    assert found == {None, *[json.dumps(each) if isinstance(each, dict) else each for each in RECORDS[1:]]}


def test_nothing_stays_behind(stage, rows, tmp_path):
    with stage:
        stage.evaluate(rows)
        assert files(tmp_path)

    assert files(tmp_path) == []


def test_nothing_stays_behind_when_the_write_fails(stage, rows, tmp_path):
    with pytest.raises(ValueError, match="oops"), stage:
        stage.evaluate(rows)
        raise ValueError("oops")

    assert files(tmp_path) == []


def test_what_a_crash_left_is_removed(tmp_path):
    left = Path(tmp_path, FOLDER, "marks-0", "evaluated", "old.parquet")
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")

    remove_leftovers(str(tmp_path))

    assert not left.exists()


def test_rows_kept_are_made_once(stage, spark):
    random = spark.range(5).select(F.rand().alias("r"))

    with stage:
        kept = stage.materialize(random, "random")
        assert kept.collect() == kept.collect()
        assert kept.schema["r"].dataType == random.schema["r"].dataType


def test_no_rows_are_counted_as_none(stage, rows):
    with stage:
        assert stage.evaluate(rows.limit(0)) == WriteResult(0, 0)
        assert (stage.valid().collect(), stage.invalid_batches) == ([], [])


def test_rows_that_are_kept_are_counted_by_their_files(stage, rows):
    with stage:
        stage.materialize(rows, "some")
        stage.materialize(rows.where("id = 'missing'"), "none")

        assert (stage.count("some"), stage.count("none")) == (4, 0)


def test_a_record_whose_text_is_never_null_is_materialized_without_it_where_the_row_is_valid():
    raw = StructField("raw", StringType(), nullable=False)
    record = StructField(RECORD, StructType([raw, StructField("line", LongType(), nullable=False)]), nullable=False)

    optional = _with_optional_raw(record)

    assert [(each.name, each.nullable) for each in optional.dataType.fields] == [("raw", True), ("line", False)]
    assert _with_optional_raw(raw) is raw


@pytest.fixture
def judged(spark, tmp_path, rows):
    """The counts of rows of a table with other rules."""

    def counted(*rules):
        table = replace(marks, rules=rules, _name="marks", _doc="One row.")
        with StagingArea(spark, str(tmp_path), table, SAIL) as stage:
            return stage.evaluate(rows)

    return counted


def test_rows_that_violate_a_rule_that_only_warns_are_valid_and_counted(judged):
    warning, other = (Expectation(name, "n > 1", Action.WARN) for name in ("n_large", "n_other"))

    written = judged(warning, other, expect("n_positive", "n > 0"))

    assert (written.rows_written, written.violations["n_large"], written.violations["n_positive"]) == (1, 1, 2)


@pytest.mark.parametrize(("share", "stops"), [(0.5, False), (0.49, True)])
def test_a_write_stops_where_too_many_rows_violate_a_rule(judged, share, stops):
    rule = expect("n_positive", "n > 0", stop_above=share, at_least=1)

    if not stops:
        assert judged(rule, expect("whatever", "true", stop_above=0.0, at_least=1)).violations["n_positive"] == 2
        return
    with pytest.raises(WriteStoppedError, match=r"^silver\.marks: 2 of 4 rows violate n_positive, more than 49\.0%"):
        judged(rule)


def test_only_a_server_may_have_written_to_another_machine(spark, tmp_path):
    assert StagingArea(spark, str(tmp_path), marks, SAIL).materialize(spark.range(0), "none").collect() == []

    elsewhere = StagingArea(spark, str(tmp_path), marks, replace(SAIL, is_in_process=False))
    with pytest.raises(UnsharedFolderError):
        elsewhere.materialize(spark.range(0), "none")


def test_rows_without_a_record_have_no_batch(spark, tmp_path):
    table = replace(marks, rules=())
    with StagingArea(spark, str(tmp_path), table, SAIL) as stage:
        stage.evaluate(spark.sql("SELECT 'shop' AS feed, 'a' AS id, now() AS at"))

        rows = stage.valid_with_arrival()

        assert rows.dtypes[3:] == [
            *(("batch_id", "string"), ("ingested_at", "timestamp")),
            *(("source_file", "string"), ("version_line", "bigint")),
        ]
        assert [tuple(row)[3:] for row in rows.collect()] == [(None,) * 4]
