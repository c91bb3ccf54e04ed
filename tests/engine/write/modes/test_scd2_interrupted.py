"""A write of a history that ends between the versions and the changelog."""

import pytest
from sample_histories import Lake, things

from shoplake.engine.write.modes import scd2
from shoplake.engine.write.modes.scd2 import Scd2Writer


@pytest.fixture
def lake(spark, tmp_path):
    return Lake(spark, tmp_path / "lake")


def row(thing="a", day=0, name="x", price=1):
    return thing, day, name, price, None, None, None


def test_a_write_that_ended_before_the_changelog_is_made_good_by_the_next(lake, monkeypatch):
    lake.take(row(), row("b"))
    with monkeypatch.context() as patched:
        patched.setattr(Scd2Writer, "_append_changes", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            lake.take(row(day=9, name="y"), row("b", -5, "z"))

    lake.take(row(day=9, name="y"), row("b", -5, "z"))

    assert lake.versions() == [
        ("a", 0, 9, "x", 1),
        ("a", 9, None, "y", 1),
        ("b", -5, 0, "z", 1),
        ("b", 0, None, "x", 1),
    ]
    assert lake.engine.row_count(things.changelog) == 4


@pytest.mark.sample
def test_versions_of_a_first_write_that_ended_before_the_changelog_stay(lake, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(Scd2Writer, "_append_changes", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            lake.take(row())

    lake.take(row("b"))

    assert lake.versions() == [("a", 0, None, "x", 1), ("b", 0, None, "x", 1)]


def test_versions_are_flushed_before_the_changelog_has_their_changes(lake, monkeypatch):
    lake.take(row())
    flushed = []
    monkeypatch.setattr(scd2, "sync_lake", lambda at: flushed.append((at, len(lake.versions()), changes(lake))))

    lake.take(row("b"))

    assert flushed == [(lake.engine.path(things), 2, 1)] and changes(lake) == 2


def changes(lake):
    return lake.engine.row_count(things.changelog)
