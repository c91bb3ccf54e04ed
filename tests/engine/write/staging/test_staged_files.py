from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shoplake.engine.write.staging import staged_files
from shoplake.engine.write.staging.staged_files import RuleCounts, UnsharedFolderError

SOURCE = pa.struct([("raw", pa.string()), ("batch_id", pa.string())])
SCHEMA = pa.schema(
    [("id", pa.string()), ("n", pa.int64()), ("_violations", pa.list_(pa.string())), ("_source", SOURCE)]
)


def row(id, n=1, broken=(), batch="b1"):
    return {"id": id, "n": n, "_violations": list(broken), "_source": {"raw": "{}", "batch_id": batch}}


@pytest.fixture
def staged(tmp_path):
    """The folder of staged rows, one file for each list of them."""

    def written(*files):
        for number, rows in enumerate(files):
            pq.write_table(pa.Table.from_pylist(rows, SCHEMA), tmp_path / f"part-{number}.parquet")
        return str(tmp_path)

    return written


def test_rows_are_counted_by_the_rules_that_they_violate(staged):
    folder = staged(
        [row("a"), row("b", broken=["late", "early", "late"], batch="b2"), row("c", broken=["late"], batch="b3")],
        [row("d"), row("e", broken=["early", "late"], batch="b2")],
    )

    counts = staged_files.count_rules(folder, has_record=True)

    assert counts == RuleCounts(2, {("early", "late"): 2, ("late",): 1}, {"b2", "b3"})


def test_rows_without_records_name_no_batches(staged):
    assert staged_files.count_rules(staged([row("a", broken=["x"])]), has_record=False).batches == set()


@pytest.mark.parametrize(
    ("files", "repeats"),
    [
        ([[row("a"), row("b")], [row("c")]], False),
        ([[row("a"), row("b")], [row("a")]], True),
        ([[row("a"), row("a", broken=["x"])]], False),
        ([[row(None), row(None)]], False),
        ([[row("a", 1), row("a", 2)]], True),
    ],
    ids=["none", "of another file", "of an invalid row", "of no key", "with other values"],
)
def test_a_repeat_is_a_key_of_two_valid_rows(staged, files, repeats):
    assert staged_files.has_repeats(staged(*files), ["id"]) is repeats


def test_a_key_of_two_columns_repeats_where_both_do(staged):
    assert not staged_files.has_repeats(staged([row("a", 1), row("a", 2)]), ["id", "n"])


def test_the_range_of_a_column_is_that_of_the_valid_rows(staged):
    folder = staged([row("a", 5), row("b", -1, broken=["x"])], [row("c", 2), row("d", None)])

    assert staged_files.value_range(folder, "n") == (2, 5)
    assert staged_files.value_range(folder, "n", only_valid=False) == (-1, 5)


def test_rows_are_counted_by_a_column(staged):
    assert staged_files.value_counts(staged([row("a"), row(None)], [row("a")]), "id") == {"a": 2, None: 1}


def test_a_folder_that_was_not_written_has_no_rows(tmp_path):
    folder = str(tmp_path / "nothing")

    assert (staged_files.count_rows(folder), staged_files.has_repeats(folder, ["id"])) == (0, False)
    assert staged_files.value_range(folder, "n") == (None, None)
    assert staged_files.count_rules(folder, has_record=True) == RuleCounts()


def test_true_values_are_counted_and_nulls_are_not(tmp_path):
    pq.write_table(pa.table({"is": pa.array([True, None, False, True])}), tmp_path / "part.parquet")

    assert staged_files.count_true(str(tmp_path), "is") == 2


def test_a_file_without_a_true_value_has_none(tmp_path):
    for number, values in enumerate(([False], [None])):
        pq.write_table(pa.table({"is": pa.array(values, pa.bool_())}), tmp_path / f"part-{number}.parquet")

    assert staged_files.count_true(str(tmp_path), "is") == 0


def test_a_folder_of_this_machine_that_a_server_wrote_has_to_be_here(tmp_path):
    staged_files.check_shared(str(tmp_path))
    staged_files.check_shared("s3://shop/lake/_staging/marks")

    with pytest.raises(UnsharedFolderError, match="there is no such folder here"):
        staged_files.check_shared(str(tmp_path / "elsewhere"))
