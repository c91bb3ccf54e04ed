import pytest

from shoplake.declare import OnDemand, col, table
from shoplake.declare.catalog import Catalog
from shoplake.errors import DeclarationError

FEED = col("feed", "string", "The feed", required=True)
DAY = col("day", "date", "The day")


def declared(*partition_by):
    @table(
        "gold",
        key=["feed", "day"],
        write=OnDemand(partition_by="day", command="shoplake guess"),
        partition_by=partition_by,
        columns=[FEED, DAY],
    )
    def guesses():
        """One row per guess."""

    return guesses


def test_it_is_partitioned_by_the_column_that_a_command_writes():
    assert Catalog([declared("day")])["guesses"].partition_column == "day"
    with pytest.raises(DeclarationError, match="written on demand and needs that partition column"):
        Catalog([declared()])


def test_it_says_which_command_writes_it():
    assert "`shoplake guess`" in declared("day").write.describe()
