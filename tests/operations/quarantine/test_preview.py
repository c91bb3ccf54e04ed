"""What a replay or a fix would come to is what it then comes to, and a preview writes nothing."""

import json
from dataclasses import replace

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sample_documents import receipt, receipts, receipts_raw
from sample_lake import SampleLake
from sample_tables import CATALOG, MARKS, mark, marks, read_marks

from shoplake.declare import Upsert, expect, table
from shoplake.declare.catalog import Catalog
from shoplake.operations.definitions.record_evaluation import RecordEvaluator
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.operations.quarantine.preview import Preview, RecordPreview
from shoplake.operations.quarantine.records import RecordFilter, select_records

from .test_life_cycle import BAD, GOOD, cycle, looser, records, replace_rules


@pytest.fixture(scope="module")
def sample(spark, tmp_path_factory):
    """A lake with three bad records in quarantine, none of which a test takes away."""
    made = SampleLake(spark, tmp_path_factory.mktemp("previewed"))
    made.drop("marks/1", *GOOD, *BAD)
    made.run()
    return made


def preview(sample, catalog=CATALOG):
    evaluator = RecordEvaluator(sample.engine, catalog, sample.state, sample.settings)
    return RecordPreview(sample.engine, catalog, evaluator)


def versions(sample):
    return {table.name: sample.engine.version(table) for table in sample.catalog.ordered}


def test_a_replay_is_previewed_with_the_days_that_change_and_what_is_still_bad(sample):
    before, loose = versions(sample), looser(-1)

    found = preview(sample, loose).replay(loose["marks"])

    assert found == Preview(1, {"n_positive": 1, "n_fits_type": 1}, ("2026-03-01",))
    assert versions(sample) == before


def test_only_records_of_the_reason_are_previewed(sample):
    assert preview(sample).replay(marks, "n_fits_type") == Preview(0, {"n_fits_type": 1})


@table(
    "silver",
    key=["feed", "id", "n"],
    write=Upsert(order_by="at"),
    partition_by=["day"],
    incremental="marks_raw",
    columns=[*MARKS[:5], replace(MARKS[5], required=True), *MARKS[6:]],
    expectations=[expect("n_positive", "n > 0")],
)
def counted(marks_raw: DataFrame) -> DataFrame:
    """One row per number of a mark."""
    numbers = F.from_json(F.col("_source.raw"), "n array<int>")["n"]
    return read_marks(marks_raw).withColumns({"n": F.explode(numbers), "_type_errors": F.array().cast("array<string>")})


def test_a_replay_of_records_that_make_several_rows_is_previewed_record_by_record(spark, tmp_path):
    own = SampleLake(spark, tmp_path, catalog=Catalog([CATALOG["marks_raw"], counted]))
    own.drop("marks/1", mark("a", n=[0, 1, 2]), mark("b", "2026-03-02T09:00:00Z", n=[0, -3, 5]))
    own.run()
    loose = replace_rules(counted, expect("n_positive", "n > -1"))
    catalog = Catalog([CATALOG["marks_raw"], loose])

    foreseen = preview(own, catalog).replay(loose)
    done = cycle(own, catalog).replay(loose)

    assert foreseen == Preview(1, {"n_positive": 1}, ("2026-03-01",))
    assert (done.passed, done.still_bad) == (foreseen.passed, foreseen.still_bad)


@pytest.mark.sample
def test_a_fix_is_previewed_record_by_record_and_comes_to_the_same(spark, sample, tmp_path):
    own = SampleLake(spark, tmp_path)
    own.drop("marks/1", *GOOD, *BAD)
    own.run()
    found = records(own)
    texts = {found["c"]["record_id"]: json.dumps(mark("c", "2026-03-02T09:00:00Z", n=7))}
    texts[found["d"]["record_id"]] = json.dumps(mark("d", n=-1))
    fix = FixFile.of(texts)

    foreseen = preview(own).fix(marks, fix, list(fix.corrections))
    done = cycle(own).fix(fix, {marks: list(fix.corrections)}, "ticket 41")

    assert foreseen == Preview(1, {"n_positive": 1}, ("2026-03-02",))
    assert (done.passed, done.still_bad) == (foreseen.passed, foreseen.still_bad)


@pytest.fixture
def receipted(spark, tmp_path):
    """A lake whose receipts have two bad records: one with a good line beside two bad ones."""
    made = SampleLake(spark, tmp_path, catalog=Catalog([receipts_raw, receipts]))
    made.drop("receipts/1", receipt("x", 1), receipt("y", 1, 0, "many"), receipt("z", 0))
    made.run()
    return made


def test_a_replay_of_documents_is_previewed_record_by_record(receipted):
    loose = replace_rules(receipts, expect("n_positive", "n > -1"))
    catalog = Catalog([receipts_raw, loose])

    foreseen = preview(receipted, catalog).replay(loose)
    done = cycle(receipted, catalog).replay(loose)

    assert foreseen == Preview(1, {"n_present": 1}, ("2026-03-01",))
    assert (done.passed, done.still_bad) == (foreseen.passed, foreseen.still_bad)


def test_a_fix_of_documents_is_previewed_and_comes_to_the_same(receipted):
    [y, z] = select_records(receipted.engine, receipts, RecordFilter())
    texts = {y["record_id"]: receipt("y", 1, 0, 3), z["record_id"]: receipt("z", 1, day="2026-03-02")}
    fix, before = FixFile.of({id: json.dumps(text) for id, text in texts.items()}), versions(receipted)

    foreseen = preview(receipted, receipted.catalog).fix(receipts, fix, list(fix.corrections))
    assert versions(receipted) == before
    done = cycle(receipted).fix(fix, {receipts: list(fix.corrections)}, "ticket 41")

    assert foreseen == Preview(1, {"n_positive": 1}, ("2026-03-02",))
    assert (done.passed, done.still_bad) == (foreseen.passed, foreseen.still_bad)
