"""Single bits of a lake's files flip: `verify` names the file, or all rows are the same."""

from random import Random

import pytest

from tools.soak.bit_rot import HARMLESS, NAMED, Flip, rot_of_small_lake

FLIPS = 200
"""Where a value of an older commit or of the state store changes, nothing may name it: see docs/reliability.md."""


@pytest.fixture(scope="module")
def rot(tmp_path_factory):
    """A small lake of one family, whose files are damaged in copies."""
    return rot_of_small_lake(tmp_path_factory.mktemp("rot"), ("prices",))


def test_each_of_many_flipped_bits_is_named_or_harmless(rot):
    counts, silent = rot.count(FLIPS, Random(2))

    assert {flip.part for flip in silent} <= {"log", "state"}
    assert len(silent) < FLIPS // 20 and counts["data, named"] > 10


def test_a_bit_in_the_values_of_a_data_file_is_named(rot):
    data = next(file for file in rot.files if file.startswith("silver/prices/") and file.endswith(".parquet"))

    assert rot.outcome(Flip(data, 40, 3)) == NAMED


def test_a_bit_in_a_commit_info_is_harmless(rot):
    log = next(file for file in rot.files if file.startswith("silver/prices/_delta_log") and file.endswith("0.json"))

    assert rot.outcome(Flip(log, 20, 0)) == HARMLESS
