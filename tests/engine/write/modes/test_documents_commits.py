"""How many commits a write of documents is, where another process could write and where none can."""

import pytest
from sample_documents import receipt, receipts
from sample_tables import records, rows_of
from sample_writes import commit_of, engine_with

from shoplake.engine.write.table_location import PathTable


@pytest.fixture(params=["one writer", "several writers"])
def engine(request, spark, tmp_path, monkeypatch):
    if request.param == "several writers":
        monkeypatch.setattr(PathTable, "is_single_writer", False)
    return engine_with(spark, tmp_path / "lake", receipts)


@pytest.fixture
def take(engine, spark):
    """Write records as the next batch."""
    batches = iter(range(1, 99))
    return lambda *sent: engine.write(receipts, receipts(records(spark, *sent, batch=f"b{next(batches)}")))


def test_a_replacement_is_one_commit(engine, take):
    take(receipt("a", 1, 2), receipt("b", 3))
    before = engine.version(receipts)

    take(receipt("a", 4))

    assert engine.version(receipts) == before + 1
    [merged] = [each["commitInfo"] for each in commit_of(engine.path(receipts), before + 1) if "commitInfo" in each]
    assert merged["operation"] == "MERGE"


@pytest.mark.parametrize(("engine", "commits"), [("one writer", 2), ("several writers", 1)], indirect=["engine"])
def test_new_and_newer_documents_are_one_commit_where_another_could_write(engine, take, commits):
    take(receipt("a", 1, 2), receipt("b", 3))
    before = engine.version(receipts)

    take(receipt("a", 4), receipt("c", 5))

    assert engine.version(receipts) == before + commits
    assert rows_of(engine, receipts, "id", "line", "n") == [("a", 1, 4), ("b", 1, 3), ("c", 1, 5)]


@pytest.mark.sample
def test_a_replacement_leaves_no_temporary_view(take, spark):
    take(receipt("a", 1))
    before = spark.catalog.listTables()

    take(receipt("a", 2))

    assert spark.catalog.listTables() == before
