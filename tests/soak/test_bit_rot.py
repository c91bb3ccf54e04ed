"""Single bits of a lake's files flip: `verify` names the file, or all rows are the same."""

from random import Random

import pytest

from tools.soak.bit_rot import HARMLESS, NAMED, Flip, rot_of_small_lake

FLIPS = 200


@pytest.fixture(scope="module")
def rot(tmp_path_factory):
    """A small lake of one family, whose files are damaged in copies."""
    return rot_of_small_lake(tmp_path_factory.mktemp("rot"), ("prices",))


def test_each_of_many_flipped_bits_is_named_or_harmless(rot):
    counts, silent = rot.count(FLIPS, Random(2))

    assert silent == []
    assert min(counts["data, named"], counts["log, named"], counts["state, named"]) > 5


def test_a_bit_in_the_values_of_a_data_file_is_named(rot):
    data = next(file for file in rot.files if file.startswith("silver/prices/") and file.endswith(".parquet"))

    assert rot.outcome(Flip(data, 40, 3)) == NAMED


def test_a_bit_in_an_old_commit_is_named_also_where_no_row_depends_on_it(rot):
    log = next(file for file in rot.files if file.startswith("silver/prices/_delta_log") and file.endswith("0.json"))

    assert rot.outcome(Flip(log, 20, 0)) == NAMED


def test_a_bit_in_the_hint_of_the_last_checkpoint_is_harmless_or_named(rot):
    hints = [file for file in rot.files if file.endswith("_last_checkpoint")]

    assert {rot.outcome(Flip(file, 5, 1)) for file in hints} <= {HARMLESS, NAMED}
