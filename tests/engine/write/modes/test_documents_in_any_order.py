"""However versions of documents arrive, the table has those that a loop over all of them chooses."""

import json
import shutil
from itertools import groupby
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sample_documents import receipt, receipts
from sample_tables import records, rows_of

from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.table_plan import FullRefresh

TIMES = ["2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z"]
LINES = st.sampled_from([(1,), (2,), (1, 2), (0, 1), (3, 1, 2)])


def versions(*times):
    return st.builds(
        lambda name, lines, at: receipt(name, *lines, at=at), st.sampled_from("ab"), LINES, st.sampled_from(times)
    )


BATCHES = st.lists(st.lists(versions(None, *TIMES), min_size=1, max_size=4), min_size=1, max_size=4)
TIMED = st.lists(versions(*TIMES), min_size=1, max_size=6)
QUIET: dict[str, Any] = {
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
    "phases": [Phase.explicit, Phase.reuse, Phase.generate],
}
"""Without shrinking, which would write tables for minutes."""


def hashes(spark, sent):
    """The hash of each record, by its text."""
    rows = receipts(records(spark, *sent)).select("_source.raw", "payload_hash").distinct().collect()
    return {row.raw: row.payload_hash for row in rows}


def oracle(batches, hash_of):
    """The rows of the newest version of each document, in plain Python."""
    arrived = [(n, line, each) for n, batch in enumerate(batches, 1) for line, each in enumerate(batch, 1)]
    found = []
    for _, same in groupby(sorted(arrived, key=lambda each: each[2]["id"]), key=lambda each: each[2]["id"]):
        valid = [each for each in same if any(n != "0" for n in each[2]["lines"])]
        placed = sorted(valid, key=lambda each: rank(each, hash_of))
        distinct = [
            each
            for before, each in zip([None, *placed], placed, strict=False)
            if before is None or before[2] != each[2]
        ]
        for batch, line, record in distinct[-1:]:
            lines = enumerate(record["lines"], 1)
            found += [(record["id"], at, int(n), f"b{batch}", line) for at, n in lines if n != "0"]
    return sorted(found)


def rank(arrived, hash_of):
    batch, line, record = arrived
    content = hash_of[json.dumps(record)] if record["updated_at"] else 0
    return record["updated_at"] or "", content, batch, line


def write(spark, folder, batches):
    """The rows of a new lake after some batches."""
    shutil.rmtree(folder, ignore_errors=True)
    engine = DeltaEngine(spark, str(folder))
    engine.create_if_missing(receipts)
    for number, batch in enumerate(batches, 1):
        written = engine.write(receipts, receipts(records(spark, *batch, batch=f"b{number}")))
        assert written.rows_read == (
            written.rows_written + written.rows_quarantined + written.rows_duplicate + written.rows_superseded
        )
    return engine


def stored(engine, *more):
    return rows_of(engine, receipts, "id", "line", "n", *more)


def check_batches(spark, folder, batches):
    engine = write(spark, folder, batches)
    expected = oracle(batches, hashes(spark, [each for batch in batches for each in batch]))
    assert sorted(stored(engine, "batch_id", "version_line")) == expected

    parts = [records(spark, *batch, batch=f"b{number}") for number, batch in enumerate(batches, 1)]
    rows = parts[0]
    for part in parts[1:]:
        rows = rows.unionAll(part)
    refreshed = engine.write(receipts, receipts(rows), FullRefresh())
    assert sorted(stored(engine, "batch_id", "version_line")) == expected
    assert engine.row_count(receipts) == refreshed.rows_written


@pytest.mark.slow
@settings(max_examples=3, derandomize=True, **QUIET)
@given(BATCHES)
def test_batches_make_the_documents_of_a_loop_and_so_does_a_full_refresh(spark, tmp_path, batches):
    check_batches(spark, tmp_path / "lake", batches)


@pytest.mark.slow
@settings(max_examples=2, derandomize=True, **QUIET)
@given(TIMED, st.randoms(use_true_random=False), st.integers(1, 3))
def test_with_times_any_order_split_and_repeat_gives_the_same_rows(spark, tmp_path, sent, random, size):
    again = random.sample(sent * 2, len(sent) * 2)
    split = [again[at : at + size] for at in range(0, len(again), size)]

    once = stored(write(spark, tmp_path / "once", [sent]))

    assert stored(write(spark, tmp_path / "again", split)) == once


@pytest.mark.slow
@settings(max_examples=200, **QUIET)
@given(BATCHES)
def test_a_great_many_batches_make_the_documents_of_a_loop(spark, tmp_path, batches):
    check_batches(spark, tmp_path / "lake", batches)
