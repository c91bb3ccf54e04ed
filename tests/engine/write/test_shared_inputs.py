from pathlib import Path

import pytest
from sample_tables import totals

from shoplake.engine.write.shared_inputs import SharedInputs, count_reads


@pytest.fixture
def stage(engine, some):
    """Stages a row under a key, as a write of the totals does."""
    writer = engine.writer(totals)

    def stage(shared, key, pieces):
        rows = some(totals, {"feed": "a", "pieces": pieces})
        with writer.staging() as own:
            return [row.pieces for row in shared.stage(key, rows, "input", own, writer.staging).collect()]

    return stage


def test_rows_of_one_key_are_staged_once_and_outlive_the_write(stage):
    shared = SharedInputs()

    with shared.share():
        assert [stage(shared, "days", 1), stage(shared, "days", 2), stage(shared, "others", 3)] == [[1], [1], [3]]


def test_what_is_shared_is_removed_in_the_end_also_after_an_error(engine, stage):
    shared, folder = SharedInputs(), Path(engine.lake, "_staging")

    with pytest.raises(ValueError, match="stop"), shared.share():
        stage(shared, "days", 1)
        assert list(folder.iterdir())
        raise ValueError("stop")

    assert not list(folder.iterdir())


def test_rows_are_staged_anew_in_the_next_run(stage):
    shared = SharedInputs()
    with shared.share():
        stage(shared, "days", 1)

    with shared.share():
        assert stage(shared, "days", 2) == [2]


def test_a_write_outside_of_a_run_stages_its_own_rows(stage):
    shared = SharedInputs()

    assert [stage(shared, "days", 1), stage(shared, "days", 2)] == [[1], [2]]


def test_each_part_of_a_query_that_reads_a_table_counts(engine):
    rows = engine.read(totals)
    counted = rows.groupBy("feed").count()

    twice = rows.join(counted, on="feed").unionByName(rows.join(counted, on="feed").where("count = 1"))

    assert count_reads(counted, engine.path(totals)) == 1
    assert count_reads(twice, engine.path(totals)) == 4
