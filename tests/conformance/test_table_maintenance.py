"""The care of a table's files, by delta-rs beside Sail and by SQL on Spark: the same is done."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from sample_tables import MARKS, latest, rows_of

from shoplake.engine.storage import delta_log
from shoplake.operations.table_maintenance import maintenance_backend

OLD_S = 8 * 86_400


@pytest.fixture
def filled(engine, session):
    """A table of three small files, and one file that no commit knows, as a failed write leaves it."""
    engine.create_if_missing(latest)
    place = engine.location(latest)
    schema = ", ".join(f"{column.name} {column.type}" for column in MARKS)
    for number in range(3):
        place.append(
            session.createDataFrame([("shop", f"m{number}", None, None, "ada", 1, 1, "b1")], schema).coalesce(1)
        )
    orphan = Path(engine.path(latest), "part-00000-lost.snappy.parquet")
    orphan.write_bytes(b"half a file")
    os.utime(orphan, (time.time() - OLD_S,) * 2)
    return place, orphan


@pytest.mark.slow
def test_small_files_become_one_with_the_same_rows(engine, filled):
    place, _ = filled
    before = rows_of(engine, latest)

    assert maintenance_backend(engine).optimize(latest) == 3
    assert len(delta_log.file_paths(place.path)) == 1
    assert rows_of(engine, latest) == before
    assert maintenance_backend(engine).optimize(latest) == 0


@pytest.mark.slow
def test_files_of_failed_writes_are_deleted_after_a_week_and_those_in_use_stay(engine, filled):
    _, orphan = filled

    assert maintenance_backend(engine).vacuum(latest) == 1
    assert not orphan.exists()
    assert len(rows_of(engine, latest)) == 3


@pytest.mark.slow
@pytest.mark.usefixtures("filled")
def test_files_that_no_version_needs_can_be_deleted_at_once(engine):
    maintenance_backend(engine).optimize(latest)

    assert maintenance_backend(engine).vacuum(latest, hours=0) == 4
    assert len(rows_of(engine, latest)) == 3


@pytest.mark.slow
@pytest.mark.usefixtures("filled")
def test_an_earlier_version_comes_back_as_a_new_one(engine):
    maintenance_backend(engine).restore(latest, 1)

    assert [row[0] for row in rows_of(engine, latest, "id")] == ["m0"]
    history = maintenance_backend(engine).history(latest)
    assert [each.version for each in history] == [4, 3, 2, 1, 0]
    assert history[0].operation == "RESTORE" and history[0].at >= history[-1].at


@pytest.mark.slow
@pytest.mark.usefixtures("filled")
def test_expired_rows_are_deleted_in_a_commit_that_is_no_change(engine):
    before = engine.version(latest)

    assert maintenance_backend(engine).expire(latest, "id IN ('m0', 'm1')") == 2
    assert [row[0] for row in rows_of(engine, latest, "id")] == ["m2"]
    assert engine.version(latest) > before and engine.commit_diff(latest, before).files == ()


@pytest.mark.slow
@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("version", [1, 2])
def test_an_earlier_version_is_read_in_a_query_also_before_a_checkpoint(engine, version):
    delta_log.open_table(engine.path(latest)).create_checkpoint()

    rows = engine.sql(f"SELECT id FROM {engine.sql_name(latest, version)} AS latest ORDER BY id").collect()

    assert [row.id for row in rows] == [f"m{number}" for number in range(version)]
