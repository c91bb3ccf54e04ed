"""What SQL says of a table whose files nobody but its server sees."""

import pytest
from sample_tables import mark, marks, records

from shoplake.engine.storage.catalog.catalog_log import CatalogLog


@pytest.fixture
def written(catalog_engine):
    """An engine on a catalog with marks of two days, and the version before the second."""
    catalog_engine.create_if_missing(marks)
    catalog_engine.write(marks, marks(records(catalog_engine.session, mark("a"), batch="b000000001")))
    before = catalog_engine.version(marks)
    later = mark("b", "2026-03-02T09:00:00Z")
    catalog_engine.write(marks, marks(records(catalog_engine.session, later, batch="b000000002")))
    return catalog_engine, before


def test_rows_versions_partitions_and_nulls_are_counted_by_queries(written):
    engine, before = written
    log = CatalogLog(engine.path(marks))

    assert (log.exists(), log.row_count(), log.row_count("b000000002")) == (True, 2, 1)
    assert (log.version() > before, max(log.commit_times())) == (True, log.version())
    assert log.partition_values("day") == {"2026-03-01", "2026-03-02"}
    assert log.null_counts() == {column.name: 0 for column in marks.columns}


def test_what_changed_since_a_version_is_its_partitions_and_rows(written):
    engine, before = written
    changes = engine.commit_diff(marks, before)

    assert (changes.values("day"), changes.removed) == ({"2026-03-02"}, ())
    assert [row.id for row in engine.added_rows(marks, before).collect()] == ["b"]
    assert engine.commit_diff(marks, engine.version(marks)).files == ()


def test_a_row_that_went_and_came_again_did_not_change(written):
    engine, _ = written
    session, since = engine.session, engine.version(marks)
    engine.location(marks).overwrite(engine.read(marks).where("id = 'a'"), where="day = DATE '2026-03-01'")
    session.sql(f"DELETE FROM {engine.sql_name(marks)} WHERE id = 'b'").collect()

    rows = [row.id for part in engine.exact_changes(marks, since, ["id"]) for row in part.collect()]

    assert (rows, len(engine.commit_diff(marks, since).removed)) == (["b"], 2)
