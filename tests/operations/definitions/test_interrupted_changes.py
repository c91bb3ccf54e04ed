"""A change that is begun and then taken back leaves no row of it."""

import shutil
from pathlib import Path
from unittest import mock

import pytest
from pyspark.sql import functions as F
from sample_changes import TABLES, ChangingLake, changed, fill

from shoplake.engine import DEFINITIONS
from shoplake.engine.state.ops_tables import OPS, TABLE_RUNS
from shoplake.engine.storage import delta_log
from shoplake.operations.definitions.change_executor import ChangeExecutor
from shoplake.operations.integrity.repair import Repair, repair


def doubled(daily):
    return daily.groupBy("feed").agg((F.sum("pieces") * 2).cast("bigint").alias("pieces"))


def tripled(daily):
    return daily.groupBy("feed").agg((F.sum("pieces") * 3).cast("bigint").alias("pieces"))


DOUBLED, TRIPLED = (changed("totals", build=build) for build in (doubled, tripled))


def totals(lake):
    return [row.pieces for row in lake.engine().read(TABLES["totals"]).collect()]


def interrupt(lake, **options):
    """Apply what the lake declares, and end before that is recorded."""
    with mock.patch.object(ChangeExecutor, "_record", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        lake.run(**options) if options else lake.apply()


def test_a_change_that_is_taken_back_after_an_interruption_is_taken_back_from_the_rows(lake):
    lake.tables = DOUBLED
    interrupt(lake)
    assert totals(lake) == [20]

    lake.tables = dict(TABLES)

    assert lake.plan() == {"gold.totals": "REBUILD"}
    assert lake.reasons("gold.totals") == ("another change of it was interrupted",)
    lake.apply()
    assert (totals(lake), lake.plan()) == ([10], {})


@pytest.mark.slow
def test_a_full_refresh_that_is_interrupted_is_taken_back_too(lake):
    lake.tables = DOUBLED
    interrupt(lake, full_refresh=True)
    lake.tables = dict(TABLES)

    lake.run(full_refresh=True)

    assert (totals(lake), lake.plan()) == ([10], {})


@pytest.mark.slow
def test_a_change_that_is_applied_after_its_interruption_is_as_any_other(lake):
    lake.tables = DOUBLED
    interrupt(lake)

    assert lake.reasons("gold.totals")[0].startswith("plan changed")
    lake.apply()
    assert (totals(lake), lake.plan()) == ([20], {})


@pytest.mark.slow
def test_a_second_change_that_is_interrupted_does_not_hide_the_first(lake):
    for lake.tables in (DOUBLED, TRIPLED):
        interrupt(lake)
    lake.tables = dict(TABLES)

    lake.apply()

    assert (totals(lake), lake.plan()) == ([10], {})


@pytest.mark.slow
def test_a_command_that_writes_rows_of_a_pending_change_is_no_reason_to_keep_them(lake):
    lake.tables = DOUBLED
    lake.definitions.allow_pending()
    lake.tables = dict(TABLES)

    assert lake.plan() == {"gold.totals": "REBUILD"}


def test_a_command_without_a_pending_change_records_nothing(lake):
    before = len(lake.state.read(DEFINITIONS))

    lake.definitions.allow_pending()

    assert (lake.plan(), len(lake.state.read(DEFINITIONS))) == ({}, before)


def test_a_repair_that_is_interrupted_is_no_reason_to_keep_rows_of_a_pending_change(lake):
    lake.tables = DOUBLED
    shutil.rmtree(Path(lake.lake, "gold/totals"))
    parts = (lake.engine(), lake.catalog, lake.state, lake.settings, [*lake.catalog.values()])

    with mock.patch.object(Repair, "_mend_counts", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        repair(*parts, lake.definitions.allow_pending)
    assert totals(lake) == [20]

    lake.tables = dict(TABLES)
    assert lake.plan() == {"gold.totals": "REBUILD"}


def test_a_first_run_that_ends_between_two_tables_of_the_state_is_done_by_one_with_more(spark, tmp_path):
    """A power cut may leave the same: `ops.offsets` without `ops.table_runs`, and not all other tables."""
    create = delta_log.create_if_missing

    def create_until(table, *given):
        if table is TABLE_RUNS:
            raise KeyboardInterrupt
        return create(table, *given)

    lake = ChangingLake(spark, tmp_path)
    lake.tables.pop("helped")
    with mock.patch.object(delta_log, "create_if_missing", create_until), pytest.raises(KeyboardInterrupt):
        fill(lake)
    assert {each.name for each in OPS if Path(lake.lake, each.path).is_dir()} == {"files", "offsets"}

    lake.tables = dict(TABLES)
    fill(lake)

    assert (totals(lake), lake.plan()) == ([10], {})
