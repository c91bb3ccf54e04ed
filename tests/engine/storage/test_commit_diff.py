import json

import pytest
from deltalake import DeltaTable, write_deltalake
from pyarrow import table

from shoplake.engine.storage.commit_diff import CommitDiff, added_files, diff_commits

WEEK = ["2026-03-01", "2026-03-02"]


@pytest.fixture
def at(tmp_path):
    """A table of two days, one file each, at version 0."""
    path = str(tmp_path / "t")
    put(path, WEEK)
    return path


def put(path, days, mode="append", **options):
    rows = table({"day": days, "n": list(range(len(days)))})
    write_deltalake(path, rows, partition_by=["day"], mode=mode, **options)


def days(path, since, until):
    return diff_commits(path, since, until).values("day")


def test_an_append_changed_the_partitions_it_went_into(at):
    put(at, ["2026-03-02", "2026-03-03"])

    assert days(at, 0, 1) == {"2026-03-02", "2026-03-03"}


def test_between_a_version_and_itself_nothing_changed(at):
    assert diff_commits(at, 0, 0) == CommitDiff((), ())


def test_the_first_version_counts_from_before_it(at):
    assert days(at, -1, 0) == set(WEEK)


def test_what_was_replaced_and_what_came_in_its_place_changed(at):
    before = set(DeltaTable(at).file_uris())

    put(at, ["2026-03-01"], "overwrite", predicate="day = '2026-03-01'")

    changed = diff_commits(at, 0, 1)
    assert changed.values("day") == {"2026-03-01"}
    assert {file for file, _ in changed.removed} == before - set(DeltaTable(at).file_uris())
    assert {file for file, _ in changed.added} == set(DeltaTable(at).file_uris()) - before


def test_a_delete_changed_the_partitions_of_the_rows_that_are_gone(at):
    DeltaTable(at).delete("day = '2026-03-02'")

    assert days(at, 0, 1) == {"2026-03-02"}


def test_files_put_together_did_not_change(at):
    put(at, WEEK)
    DeltaTable(at).optimize.compact()

    assert diff_commits(at, 1, DeltaTable(at).version()) == CommitDiff((), ())


def test_changes_of_several_commits_are_added_up(at):
    put(at, ["2026-03-05"])
    DeltaTable(at).delete("day = '2026-03-01'")

    assert days(at, 0, 2) == {"2026-03-01", "2026-03-05"}


def test_where_a_commit_is_gone_from_the_log_it_is_unknown(at, tmp_path):
    put(at, WEEK)
    put(at, WEEK)
    (tmp_path / "t" / "_delta_log" / f"{1:020d}.json").unlink()

    assert diff_commits(at, 0, 2) is None
    assert days(at, 1, 2) == set(WEEK)


@pytest.mark.parametrize("value", ["a b", "ä/ö", "50%", "x=y", "a%2Fb", "1:30", "'q'"])
def test_a_partitions_value_is_reported_as_it_is_whatever_letters_it_has(tmp_path, value):
    path = str(tmp_path / "t")
    put(path, [value])
    put(path, ["other"])
    DeltaTable(path).delete("n = 0 AND day <> 'other'")

    assert (days(path, -1, 0), days(path, 1, 2)) == ({value}, {value})
    assert set(diff_commits(path, -1, 0).files) == set(diff_commits(path, 1, 2).files)


def test_a_file_is_found_by_its_name_whatever_letters_it_has(tmp_path, spark):
    path = str(tmp_path / "t")
    rows = spark.createDataFrame([("a b/ö%", 1)], "day string, n int")
    rows.write.format("delta").partitionBy("day").save(path)

    (file,) = diff_commits(path, -1, 0).files

    assert diff_commits(path, -1, 0).values("day") == {"a b/ö%"}
    assert spark.read.parquet(file).count() == 1


@pytest.mark.parametrize(
    ("folder", "value"),
    [("day=2026-03-01", "2026-03-01"), ("day=a%2520b", "a b"), ("day=__HIVE_DEFAULT_PARTITION__", None)],
)
def test_a_remove_without_partition_values_tells_them_by_its_path(at, tmp_path, folder, value):
    output = {"remove": {"path": f"{folder}/part-1.parquet", "dataChange": True, "deletionTimestamp": 1}}
    (tmp_path / "t" / "_delta_log" / f"{1:020d}.json").write_text(json.dumps(output) + "\n")

    assert days(at, 0, 1) == {value}


def test_rows_without_a_day_changed_the_partition_of_none(at):
    put(at, [None])

    assert days(at, 0, 1) == {None}


def test_the_files_that_commits_added_are_known_compactions_among_them(at):
    put(at, WEEK)
    DeltaTable(at).optimize.compact()

    assert len(added_files(at, 0, 1)) == 2
    assert set(DeltaTable(at).file_uris()) == {f"{at}/{file}" for file in added_files(at, 1, 2)}
    assert added_files(at, 2, 2) == []


def test_where_a_commit_is_gone_from_the_log_it_is_unknown_what_was_added(at):
    assert added_files(at, 0, 1) is None


def test_a_file_that_came_and_went_did_both(at):
    put(at, ["2026-03-05"])
    DeltaTable(at).delete("day = '2026-03-05'")

    changed = diff_commits(at, 0, 2)

    assert changed.added == changed.removed
    assert len(changed.files) == 1
