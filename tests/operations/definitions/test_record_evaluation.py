import shutil
from dataclasses import replace

import pytest
from sample_changes import TABLES, ChangingLake, changed, fill
from sample_tables import drop, mark

from shoplake.declare import expect
from shoplake.operations.definitions.record_evaluation import RecordEvaluator


@pytest.fixture(scope="module")
def template(spark, tmp_path_factory):
    made = ChangingLake(spark, tmp_path_factory.mktemp("evaluated"))
    made.tables = {name: TABLES[name] for name in ("marks_raw", "prices_raw", "marks")}
    fill(made)
    return made


@pytest.fixture
def lake(template, tmp_path):
    """A lake of marks, and its landing folder."""
    shutil.copytree(template.folder, tmp_path, dirs_exist_ok=True)
    made = ChangingLake(template.session, tmp_path)
    made.tables = dict(template.tables)
    return made


def evaluator(lake, **options):
    return RecordEvaluator(lake.engine(), lake.catalog, lake.state, lake.settings, **options)


def ids(lake):
    return sorted(row.id for row in lake.engine().read(lake.tables["marks"]).select("id").collect())


def reasons(lake):
    rows = lake.engine().read(lake.tables["marks"].quarantine).select("line", "reasons").collect()
    return sorted((row.line, *row.reasons) for row in rows)


@pytest.mark.parametrize("max_files", [0, 200])
def test_a_replay_moves_records_from_the_quarantine_to_the_table(lake, max_files):
    lake.tables["marks"] = changed("marks", rules=(expect("n_positive", "n > 0 OR n = 0"),))["marks"]

    result = evaluator(lake, max_files=max_files).replay(lake.tables["marks"], ["n_positive"])

    assert ids(lake) == ["a", "b", "c", "e"]
    assert reasons(lake) == [(3, "is_json_object"), (4, "n_positive")]
    assert result.rows_read == result.rows_written + result.rows_quarantined + result.rows_duplicate


def test_a_replay_without_quarantined_records_writes_nothing(lake):
    version = lake.engine().version(lake.tables["marks"])

    result = evaluator(lake).replay(lake.tables["marks"], ["n_small"])

    assert (result.rows_read, lake.engine().version(lake.tables["marks"])) == (0, version)


def test_an_evaluation_names_all_reasons_and_leaves_partitions_without_a_change(lake):
    before = lake.files()["marks"]
    lake.tables["marks"] = changed("marks", rules=(expect("n_positive", "n > 0"), expect("n_small", "abs(n) < 4")))[
        "marks"
    ]

    evaluator(lake).reevaluate(lake.tables["marks"])

    assert ids(lake) == ["a", "b"]
    assert reasons(lake) == [(1, "n_small"), (3, "is_json_object"), (3, "n_positive"), (4, "n_positive", "n_small")]
    kept = {file for file in before if "2026-03-03" not in file}
    assert kept == set(lake.files()["marks"])


@pytest.mark.slow
def test_an_evaluation_brings_back_a_record_that_had_lost_to_one_that_is_invalid_now(lake):
    drop(lake.landing / "marks/c.json", mark("f", "2026-03-01T08:00:00Z", n=9), mark("f", n=1))
    lake.run()
    lake.tables["marks"] = changed("marks", rules=(expect("n_small", "n < 9"),))["marks"]

    evaluator(lake).reevaluate(lake.tables["marks"])

    rows = lake.engine().read(lake.tables["marks"]).where("id = 'f'").select("n").collect()
    assert [row.n for row in rows] == [1]


@pytest.mark.slow
def test_superseded_content_of_a_file_is_not_evaluated(lake):
    lake.settings = replace(lake.settings, on_changed_file="replace")
    drop(lake.landing / "marks/a.json", mark("z", "2026-03-01T09:00:00Z", n=0))
    lake.run()
    lake.tables["marks"] = changed("marks", rules=())["marks"]

    evaluator(lake).reevaluate(lake.tables["marks"])

    assert ids(lake) == ["b", "e", "z"]
