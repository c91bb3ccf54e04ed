"""However changes arrive, in whatever batches, the versions are those that a loop over all of them makes."""

import shutil
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sample_histories import Lake, oracle

SETS = st.sampled_from([None, None, ("name",), ("price",), ("name", "price")])
CHANGE = st.tuples(
    *(st.sampled_from("ab"), st.integers(0, 5).map(lambda n: n * 14)),
    *(st.sampled_from(["x", "y", None]), st.sampled_from([1, 12, 9, None])),
    *(st.sampled_from([None, "insert", "update", "delete"]), st.sampled_from([None, 1, 2]), SETS),
)
BATCHES = st.lists(st.lists(CHANGE, min_size=1, max_size=4), min_size=1, max_size=4)
QUIET: dict[str, Any] = {
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
    "phases": [Phase.explicit, Phase.reuse, Phase.generate],
}
"""Without shrinking, which would write tables for minutes."""


def check_batches(spark, folder, batches):
    shutil.rmtree(folder, ignore_errors=True)
    lake = Lake(spark, folder)
    ingested = []
    for batch in batches:
        lake.take(*batch)
        ingested += batch

        assert lake.versions() == oracle(ingested)


WHOLE_AND_PART = [
    ("b", 70, "y", None, "insert", 1, None),
    ("b", 70, "x", 1, "update", 1, ("name",)),
    ("b", 70, "x", None, None, None, None),
]
"""Three changes of one moment, two of which say all."""


@pytest.mark.slow
@example([WHOLE_AND_PART])
@settings(max_examples=3, derandomize=True, **QUIET)
@given(BATCHES)
def test_batches_of_late_repeated_partial_changes_and_deletions_make_the_versions_of_a_loop(spark, tmp_path, batches):
    check_batches(spark, tmp_path / "lake", batches)


@pytest.mark.slow
@settings(max_examples=300, **QUIET)
@given(BATCHES)
def test_a_great_many_batches_make_the_versions_of_a_loop(spark, tmp_path, batches):
    check_batches(spark, tmp_path / "lake", batches)
