import pytest
from deltalake import DeltaTable
from sample_tables import mark, marks, records, rows_of

from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.table_plan import FeedPartitions, FullRefresh, Partitions

FIRST, SECOND = "2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z"


@pytest.fixture
def made(spark):
    """Rows of a feed that has them from another table."""

    def rows(*output, feed="web"):
        return marks(records(spark, *output)).replace("shop", feed, "feed").drop("_source", "_type_errors")

    return rows


@pytest.fixture
def mixed(engine, take, made):
    """Marks of two feeds on two days: those of `shop` are in the table, those of `web` are new."""
    take(mark("ingested", FIRST), mark("ingested too", SECOND))
    engine.write(marks, made(mark("a", FIRST), mark("b", SECOND)), FeedPartitions(("web",), FullRefresh()))
    return engine


def there(engine):
    return [(feed, id, n) for feed, id, n in rows_of(engine, marks, "feed", "id", "n")]


def test_the_rows_of_a_feed_are_put_instead_of_all_it_had(mixed, made):
    written = mixed.write(marks, made(mark("c", FIRST)), FeedPartitions(("web",), FullRefresh()))

    assert sorted(id for _, id, _ in there(mixed)) == ["c", "ingested", "ingested too"]
    assert written == WriteResult(1, 1, rows_replaced=2)


def test_only_the_days_named_are_replaced(mixed, made):
    mixed.write(marks, made(mark("c", SECOND)), FeedPartitions(("web",), Partitions(frozenset({"2026-03-02"}))))

    assert sorted(id for _, id, _ in there(mixed)) == ["a", "c", "ingested", "ingested too"]


def test_days_that_are_as_before_keep_their_files(mixed, made):
    before = {file for file in DeltaTable(mixed.path(marks)).file_uris() if "day=2026-03-01" in file}

    mixed.write(marks, made(mark("a", FIRST), mark("b", SECOND, n=9)), FeedPartitions(("web",), FullRefresh()))

    assert before <= set(DeltaTable(mixed.path(marks)).file_uris())
    assert ("web", "b", 9) in there(mixed)


def test_where_nothing_differs_nothing_is_committed(mixed, made):
    before = mixed.version(marks)

    written = mixed.write(marks, made(mark("b", SECOND), mark("a", FIRST)), FeedPartitions(("web",), FullRefresh()))

    assert (written, mixed.version(marks)) == (WriteResult(0, 0), before)
