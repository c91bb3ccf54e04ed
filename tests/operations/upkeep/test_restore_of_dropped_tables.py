"""A restore over the drop of a table: the lake goes on, and a table that is declared again has all rows."""

import shutil
import time
from datetime import UTC, datetime

import pytest
from sample_shop import TABLES, drop_marks, sample_shop
from sample_tables import latest, rows_of

from shoplake.declare.catalog import Catalog

DAYS = ("2026-03-01", "2026-03-02")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of a lake after two runs, the moment after the first, and the rows after the second."""
    folder = tmp_path_factory.mktemp("dropped")
    lake = sample_shop(folder, (*TABLES, latest))
    drop_marks(lake, 0, DAYS[0])
    lake.run()
    moment = now()
    drop_marks(lake, 1, *DAYS)
    lake.run()
    return folder, moment, rows(lake)


@pytest.fixture
def lake(built, tmp_path):
    """A copy of the lake, from which a table was dropped."""
    shutil.copytree(built[0], tmp_path, dirs_exist_ok=True)
    made = sample_shop(tmp_path, (*TABLES, latest))
    declare(made, *(table for table in made.catalog.values() if table.name != latest.name))
    return made


def declare(lake, *tables):
    lake.catalog = Catalog(tables)
    lake.apply()


def now():
    time.sleep(0.01)
    return datetime.now(UTC)


def rows(lake):
    return rows_of(lake.engine, latest, *(each.name for each in latest.columns if each.name != "batch_id"))


def test_a_lake_goes_back_to_before_a_table_was_dropped(lake, built):
    lake.restore(built[1])
    declare(lake, *lake.catalog.values(), latest)
    lake.run()

    assert rows(lake) == built[2] != []


@pytest.mark.slow
@pytest.mark.parametrize("is_dropped", [False, True], ids=["before", "meanwhile"])
def test_a_table_that_was_declared_again_has_all_rows_after_a_restore(lake, built, is_dropped):
    moment = now() if is_dropped else built[1]
    time.sleep(0.01)
    declare(lake, *lake.catalog.values(), latest)
    assert rows(lake) == built[2]

    assert lake.restore_plan(moment).until <= moment
    lake.restore(moment)
    lake.run()

    assert rows(lake) == built[2]
