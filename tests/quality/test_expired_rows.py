import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable
from sample_shop import drop_marks, sample_shop
from sample_tables import CATALOG, daily, marks, marks_raw, prices, prices_raw

from shoplake.declare import Tie, agrees
from shoplake.engine import EXPIRATIONS
from shoplake.quality.expired_rows import first_kept_days

NOW = datetime.now(UTC)
OLD, YOUNG = "2020-01-01", str(NOW.date() - timedelta(days=3))
SUM_OF_DAYS, SUM_OF_MARKS = "SELECT sum(pieces) FROM gold.daily", "SELECT sum(n) FROM silver.marks"
BY_DAY = (
    "SELECT feed, day, pieces FROM gold.daily",
    "SELECT feed, day, n AS pieces FROM silver.marks",
)
TABLES = (
    marks_raw,
    prices_raw,
    replace(marks, keeps="100 days"),
    prices,
    replace(
        daily,
        gates=(agrees("pieces_of_marks", SUM_OF_DAYS, SUM_OF_MARKS, stop=True),),
        ties=(
            Tie("days are not their marks", *BY_DAY, keys=("feed", "day"), measures=("pieces",)),
            Tie("feeds are not their marks", *BY_DAY, keys=("feed",), measures=("pieces",)),
        ),
    ),
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A lake with an old mark and a young one, and their totals by day in gold."""
    folder = tmp_path_factory.mktemp("expired")
    made = sample_shop(folder, TABLES)
    drop_marks(made, 0, OLD, YOUNG)
    made.run()
    return folder


@pytest.fixture
def lake(built, tmp_path):
    """A copy of it."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return sample_shop(tmp_path, TABLES)


def kept(lake):
    return first_kept_days(lake.catalog, lake.state)


def keeping(lake, keeps):
    """The lake of a project that declares another retention of its marks."""
    tables = [replace(table, keeps=keeps) if table.name == "marks" else table for table in TABLES]
    return sample_shop(Path(lake.settings.lake).parent, tables)


def change_pieces(lake, day):
    DeltaTable(lake.path("gold.daily")).update({"pieces": "pieces + 1"}, predicate=f"day = '{day}'")


def problems(lake):
    return [str(each) for each in lake.verify() if "are not their marks" in str(each) or "pieces_of" in str(each)]


def test_a_table_of_which_rows_have_expired_is_known_by_the_first_day_that_it_keeps(lake):
    before = kept(lake)

    lake.expire()

    assert (before, kept(lake)) == ({}, {"silver.marks": NOW.date() - timedelta(days=100)})


@pytest.mark.parametrize("keeps", ["4000 days", ""], ids=["longer", "for ever"])
def test_days_that_a_clean_up_deleted_are_not_kept_because_a_longer_retention_is_declared(lake, keeps):
    lake.expire()
    longer = keeping(lake, keeps)

    assert kept(longer) == {"silver.marks": NOW.date() - timedelta(days=100)}
    assert longer.verify() == []


def test_a_full_refresh_keeps_totals_of_deleted_rows_when_no_retention_is_declared_any_more(lake):
    lake.expire()
    totals = lake.table("gold.daily").to_arrow().to_pylist()

    keeping(lake, "").run(select="gold.daily", full_refresh=True)

    assert sorted(lake.table("gold.daily").to_arrow().to_pylist(), key=str) == sorted(totals, key=str)


def test_days_of_a_shorter_retention_are_kept_until_a_clean_up_deletes_them(lake):
    lake.expire()
    shorter = keeping(lake, "1 days")
    before = kept(shorter)

    shorter.expire()

    assert (before, kept(shorter)) == (
        {"silver.marks": NOW.date() - timedelta(days=100)},
        {"silver.marks": NOW.date() - timedelta(days=1)},
    )


def test_a_clean_up_that_a_restore_undid_is_none(lake):
    before = datetime.now(UTC)
    time.sleep(0.01)
    lake.expire()

    lake.restore(before)

    assert kept(lake) == {}


def test_a_clean_up_of_a_version_that_recorded_no_day_is_known_by_the_rows_that_it_replaced(lake):
    lake.expire()
    shutil.rmtree(lake.path(EXPIRATIONS.qualified_name))

    assert kept(lake) == {"silver.marks": NOW.date() - timedelta(days=100)}
    assert first_kept_days(CATALOG, lake.state) == {}


def test_totals_that_count_expired_rows_are_no_problem_and_stop_no_run(lake):
    lake.expire()
    drop_marks(lake, 1, YOUNG)

    result = lake.run()

    assert result.stops == [] and lake.verify() == []
    assert [each for each in lake.check() if each.gate == "pieces_of_marks"] == []


def test_a_difference_of_a_day_that_is_kept_is_a_problem_beside_expired_ones(lake):
    lake.expire()
    change_pieces(lake, YOUNG)

    assert len([each for each in problems(lake) if f"day {YOUNG}: pieces differs by +1" in each]) == 1


def test_a_difference_of_an_old_day_is_a_problem_while_no_row_has_expired(lake):
    change_pieces(lake, OLD)

    assert len(problems(lake)) == 3
