from dataclasses import replace

import pytest
from pyspark.sql import functions as F
from sample_changes import TABLES, ChangingLake, changed, fresh_rows

from shoplake.engine.state.ops_tables import DEFINITIONS
from shoplake.errors import PendingChangesError, UnknownTableError
from shoplake.operations.definitions.current_definitions import CurrentDefinitions

DAILY = ("feed", "day", "pieces")


def doubled(daily):
    return daily.groupBy("feed").agg((F.sum("pieces") * 2).cast("bigint").alias("pieces"))


CHANGED = changed("totals", build=doubled)


def test_a_run_refuses_a_breaking_change_and_touches_nothing(lake):
    lake.tables, files = CHANGED, lake.files()

    with pytest.raises(PendingChangesError, match=r"gold\.totals.*shoplake plan.*shoplake apply") as refused:
        lake.run()

    assert refused.value.exit_code == 4
    assert lake.files() == files


@pytest.mark.slow
def test_a_run_applies_a_breaking_change_where_the_settings_say_so(lake, tmp_path):
    lake.tables, lake.settings = CHANGED, replace(lake.settings, on_change="apply")

    lake.run()

    assert lake.plan() == {}
    assert lake.rows() == fresh_rows(lake, tmp_path / "fresh")


@pytest.mark.slow
def test_a_full_refresh_applies_what_a_run_would_refuse(lake):
    lake.tables = changed(
        "daily",
        columns=TABLES["daily"].columns[:-1],
        build=lambda marks, prices: TABLES["daily"].build(marks, prices).select(*DAILY),
    )

    lake.run(full_refresh=True)

    assert lake.plan() == {}
    assert set(lake.engine().read(lake.tables["daily"]).columns) == {*DAILY}


def test_documentation_and_new_tables_are_applied_by_a_run(lake):
    lake.tables = changed("totals", _doc="One row per feed, newly described.") | {
        "more": replace(TABLES["totals"], _name="more")
    }

    lake.run()

    assert lake.plan() == {}
    assert lake.engine().row_count(lake.tables["more"]) == 1


def test_an_old_lake_gets_a_baseline_once_and_says_unknown_before(lake):
    forget_definitions(lake)

    definitions = lake.definitions
    plan = definitions.plan()
    definitions.record_baseline(plan)

    assert {change.action.name for change in plan.changes} == {"BASELINE"}
    assert {change.reasons for change in plan.changes} == {("unknown before",)}
    assert lake.plan() == {}


@pytest.mark.slow
def test_an_old_lake_with_other_columns_than_declared_is_rebuilt_after_its_baseline(lake, tmp_path):
    forget_definitions(lake)
    lake.tables = changed(
        "daily",
        columns=TABLES["daily"].columns[:-1],
        build=lambda marks, prices: TABLES["daily"].build(marks, prices).select(*DAILY),
    )

    assert lake.plan()["gold.daily"] == "REBUILD"
    lake.apply()

    assert lake.rows() == fresh_rows(lake, tmp_path / "fresh")


def forget_definitions(lake):
    import shutil

    shutil.rmtree(f"{lake.lake}/{DEFINITIONS.path}")


def test_a_first_run_records_all_definitions_in_one_commit(lake):
    first = min(row["applied_at"] for row in lake.state.read(DEFINITIONS))

    recorded = [row["table"] for row in lake.state.read(DEFINITIONS) if row["applied_at"] == first]
    assert sorted(recorded) == sorted(table.qualified_name for table in TABLES.values())


@pytest.mark.slow
def test_a_second_lake_of_the_same_code_and_settings_calls_no_function_to_compare(lake, tmp_path, monkeypatch):
    monkeypatch.setattr(CurrentDefinitions, "_read", lambda *_: pytest.fail("read again"))
    second = ChangingLake(lake.session, tmp_path / "second", lake.landing)

    second.run()

    assert second.rows().keys() == lake.rows().keys()
    assert {row["table"] for row in second.state.read(DEFINITIONS)} == {
        table.qualified_name for table in TABLES.values()
    }


def test_each_definition_is_recorded_with_what_changed(lake):
    lake.tables = CHANGED
    lake.apply()

    last = max(lake.state.read(DEFINITIONS), key=lambda row: row["applied_at"])
    assert (last["table"], last["status"]) == ("gold.totals", "applied")
    assert last["note"].startswith("rebuild: plan changed (")


@pytest.mark.parametrize("options", [{"select": "gold.total"}, {"keep": ["gold.total"]}])
def test_a_table_that_is_unknown_is_answered_with_the_nearest_name(lake, options):
    lake.tables = CHANGED

    with pytest.raises(UnknownTableError, match=r"gold\.totals"):
        lake.apply(**options)


def test_a_run_whose_sources_are_as_stamped_compares_nothing(lake, monkeypatch):
    lake.run()

    def fail(*_):
        raise AssertionError("compared")

    monkeypatch.setattr("shoplake.operations.definitions.change_plan.ChangePlanner.plan", fail)

    assert lake.run().tables == []


def test_only_functions_that_a_changed_setting_reaches_are_called(lake, monkeypatch):
    called, with_logic = [], CurrentDefinitions._with_logic

    def recorded(definitions, table, *declared):
        called.append(table.qualified_name)
        return with_logic(definitions, table, *declared)

    monkeypatch.setattr(CurrentDefinitions, "_with_logic", recorded)
    (feed,) = lake.settings.feeds
    lake.settings = replace(lake.settings, feeds=(replace(feed, timezone="Asia/Tokyo"),))

    assert lake.plan()["silver.local_marks"] == "REBUILD"
    assert called == ["silver.local_marks"]


@pytest.mark.slow
def test_rows_of_a_change_that_is_taken_back_are_rebuilt(lake, tmp_path):
    before = lake.rows()
    lake.tables = CHANGED
    lake.apply(select="gold.totals")
    assert lake.rows() != before

    lake.tables = TABLES

    assert lake.plan() == {"gold.totals": "REBUILD"}
    with pytest.raises(PendingChangesError, match=r"gold\.totals"):
        lake.run()
    lake.apply()
    assert lake.rows() == before
