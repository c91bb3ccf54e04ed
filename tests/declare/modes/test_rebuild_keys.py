import re

import pytest
from sample_tables import copies

from shoplake.declare import KeyFinder, RebuildKeys, Replace
from shoplake.errors import DeclarationError

ID = ("feed", "id")


def find(rows):
    return rows


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (RebuildKeys(("feed", "who")), "silver.copies is rebuilt by keys and has no column 'who'."),
        (RebuildKeys(ID, {"prices": ID}), "silver.copies is rebuilt by keys of 'prices', which it does not read."),
        (
            RebuildKeys(ID, {}, {"marks": KeyFinder(("id",), find, ("prices",))}),
            "silver.copies is rebuilt by keys of 'prices', which it does not read.",
        ),
        (RebuildKeys(ID, {"marks": ("id",)}), "silver.copies is rebuilt by 2 columns; 'marks' has another number."),
    ],
)
def test_keys_that_the_table_does_not_have_are_refused(keys, message):
    with pytest.raises(DeclarationError, match=re.escape(message)):
        Replace(rebuild_keys=keys).validate(copies)


def test_keys_of_columns_and_inputs_that_exist_are_accepted():
    Replace(rebuild_keys=RebuildKeys(ID, {"marks": ID})).validate(copies)


def test_a_finder_is_written_without_the_address_of_its_function():
    assert repr(KeyFinder(("id",), find)) == "KeyFinder(columns=('id',), find=find, reads=())"


def test_a_table_that_is_rebuilt_by_keys_says_so():
    mode = Replace(partition_by="day", rebuild_keys=RebuildKeys(ID, {"marks": ID}))

    assert mode.describe() == (
        "Recomputes the rows of each `feed`, `id` that changed input concerns; rewrites the partitions by `day` that "
        "differ."
    )
