"""A table that was dropped and is declared again is made of all records, and so are those that read it."""

import shutil
from dataclasses import replace
from unittest import mock

import pytest
from sample_changes import TABLES
from sample_tables import drop, mark

from shoplake.operations.definitions import change_executor

NAME = "silver.local_marks"
WITHOUT = {name: table for name, table in TABLES.items() if name != "local_marks"}


def rows_of(lake):
    return {name: rows for name, rows in lake.rows().items() if name.startswith(NAME)}


def test_a_table_that_is_declared_again_has_all_rows(lake):
    before = rows_of(lake)
    lake.tables = WITHOUT
    lake.apply()
    lake.tables = dict(TABLES)

    lake.run()

    assert len(before[NAME]) > 1
    assert (rows_of(lake), lake.plan()) == (before, {})


@pytest.mark.slow
def test_what_arrived_while_a_table_was_not_declared_is_in_it_too(lake, tmp_path):
    landing = shutil.copytree(lake.landing, tmp_path / "landing")
    lake.settings = replace(
        lake.settings, feeds=tuple(replace(feed, path=str(landing)) for feed in lake.settings.feeds)
    )
    lake.tables = WITHOUT
    lake.apply()
    drop(landing / "marks/late.json", mark("z", "2026-03-03T09:00:00Z", n=9))
    lake.run()
    lake.tables = dict(TABLES)

    lake.apply()

    assert len([row for row in rows_of(lake)[NAME] if "('id', 'z')" in row]) == 1
    assert len(rows_of(lake)[NAME]) == len({*lake.rows()["silver.marks"]})


@pytest.mark.slow
def test_a_drop_that_is_interrupted_and_taken_back_loses_no_quarantined_record(lake):
    before = rows_of(lake)
    lake.tables = WITHOUT
    move = change_executor.move_to_trash
    moves = mock.Mock(side_effect=[mock.DEFAULT, KeyboardInterrupt], wraps=move)
    with mock.patch.object(change_executor, "move_to_trash", moves), pytest.raises(KeyboardInterrupt):
        lake.apply()
    lake.tables = dict(TABLES)

    lake.run()

    assert rows_of(lake) == before
