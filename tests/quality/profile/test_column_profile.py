import pytest

from shoplake.declare import col
from shoplake.quality.profile.column_profile import profile_columns

COLUMNS = (
    col("kind", "string", "Its kind"),
    col("n", "int", "How many", unit="pieces"),
    col("email", "string", "Whose", personal="email"),
    col("tags", "array<string>", "Its tags"),
)


@pytest.fixture(scope="module")
def profile(spark):
    cells = [("a", 1, "x@y.z", []), ("a", 3, "x@y.z", []), ("b", None, None, []), (None, 7, "u@y.z", [])]
    rows = spark.createDataFrame(cells, "kind string, n int, email string, tags array<string>")
    count, profiles = profile_columns(rows, COLUMNS)
    return count, {each.name: each for each in profiles}


def test_nulls_values_and_the_range_of_each_column_are_counted(profile):
    count, columns = profile

    assert (count, columns["n"].nulls, columns["n"].distinct) == (4, 1, 3)
    assert (columns["n"].least, columns["n"].greatest) == (1, 7)
    assert columns["kind"].values == {"a": 2, "b": 1}
    assert columns["kind"].nulls_by_value["n"] == {"a": 0, "b": 1}


def test_personal_columns_have_counts_alone(profile):
    email = profile[1]["email"]

    assert (email.nulls, email.distinct, email.least, email.greatest, email.values) == (1, 2, None, None, {})


def test_nested_columns_are_left_out(profile):
    assert "tags" not in profile[1]


def test_floating_point_numbers_are_counted_too(spark):
    rows = spark.createDataFrame([(0.5,), (1.5,), (1.5,), (None,)], "share double")

    _, [share] = profile_columns(rows, [col("share", "double", "Its share", unit="ratio")])

    assert (share.nulls, share.distinct, share.least, share.greatest) == (1, 2, 0.5, 1.5)
