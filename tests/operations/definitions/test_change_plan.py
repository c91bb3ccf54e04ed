import shutil
from dataclasses import replace

import pytest
from pyspark.sql import functions as F
from sample_changes import TABLES, ChangingLake, changed, fill
from sample_tables import DAY, FEED, RULES

from shoplake.declare import col, expect
from shoplake.engine import TABLE_RUNS
from shoplake.errors import DeclarationError
from shoplake.operations.definitions.change_plan import ChangePlan
from shoplake.operations.definitions.changes import ChangeAction, TableChange


@pytest.fixture(scope="module")
def lake(spark, tmp_path_factory):
    """A filled lake that tests only plan for."""
    made = ChangingLake(spark, tmp_path_factory.mktemp("lake"))
    fill(made)
    return made


@pytest.fixture(autouse=True)
def as_filled(lake):
    lake.tables = dict(TABLES)


def test_a_lake_that_was_filled_by_its_code_has_no_changes(lake):
    plan = lake.definitions.plan()

    assert plan.is_empty and plan.changes == ()


def test_a_lake_that_is_not_there_is_built_table_by_table(spark, tmp_path):
    assert set(ChangingLake(spark, tmp_path).plan().values()) == {"BUILD"}


def test_a_lake_that_lost_power_in_its_first_run_is_built(spark, tmp_path):
    lake = ChangingLake(spark, tmp_path)
    lake.state.create_if_missing()
    shutil.rmtree(lake.state.path(TABLE_RUNS))

    assert set(lake.plan().values()) == {"BUILD"}


@pytest.mark.parametrize(
    ("name", "change", "amount"),
    [
        ("marks", {"rules": (expect("n_positive", "n > 0 OR n = 0"),)}, "2 quarantined records"),
        ("marks", {"rules": (*RULES, expect("n_small", "n < 5"))}, "3 rows"),
        ("daily", {"key": ("feed",)}, "3 days"),
        ("totals", {"key": ()}, "1 row"),
        ("prices", {"key": ("feed", "valid_from")}, "1 month"),
    ],
)
def test_a_change_says_how_much_work_it_is(lake, name, change, amount):
    lake.tables = changed(name, **change)

    found = next(each for each in lake.definitions.plan().changes if each.table.endswith(f".{name}"))

    assert found.amount == amount


def test_a_table_with_a_note_is_updated_too_where_it_reads_one_that_changes(lake):
    lake.tables = TABLES | {"daily": replace(TABLES["daily"], columns=(*TABLES["daily"].columns[:-1], THINGS))}
    lake.tables["marks"] = changed("marks", rules=(*RULES, expect("n_small", "n < 5")))["marks"]

    found = next(each for each in lake.definitions.plan().changes if each.table == "gold.daily")

    assert (found.action, found.reasons) == (ChangeAction.UPDATE, ("documentation changed", "reads silver.marks"))


THINGS = col("things", "bigint", "Distinct things", unit="1")


def test_changes_are_in_the_order_in_which_they_are_applied(lake):
    lake.tables = changed("daily", key=("feed",))

    assert [*lake.plan()] == ["gold.daily", "gold.doubles", "gold.helped", "gold.totals"]


def test_a_reader_that_still_names_a_dropped_column_is_an_error_before_any_data(lake):
    lake.tables = changed(
        "daily",
        columns=(FEED, DAY, col("count", "bigint", "Marked", unit="pieces")),
        build=lambda marks, prices: (
            TABLES["daily"].build(marks, prices).select("feed", "day", F.col("pieces").alias("count"))
        ),
    )

    with pytest.raises(DeclarationError, match=r"gold\.(doubles|helped|totals) cannot be built"):
        lake.plan()


def test_a_plan_with_notes_alone_is_empty_and_one_with_a_comment_is_not():
    note, comment = (TableChange("gold.t", action, ()) for action in (ChangeAction.NOTHING, ChangeAction.COMMENT))

    assert ChangePlan((note,), {}, {}).is_empty
    assert not ChangePlan((note, comment), {}, {}).is_empty


def test_breaking_changes_are_those_of_rows_that_are_there():
    changes = tuple(TableChange(action.name, action, ()) for action in ChangeAction)

    assert ChangePlan(changes, {}, {}).breaking == ("REPLAY", "REEVALUATE", "REBUILD")


@pytest.mark.slow
def test_a_quarantine_that_lacks_a_column_gets_it_in_its_log(spark, tmp_path, monkeypatch):
    lake = ChangingLake(spark, tmp_path)
    fill(lake)
    marks = replace(TABLES["marks"])
    quarantine = marks.quarantine
    more = replace(quarantine, columns=(*quarantine.columns, col("more", "string", "More")))
    monkeypatch.setitem(marks.__dict__, "quarantine", more)
    lake.tables = TABLES | {"marks": marks}

    assert lake.plan() == {"silver.marks_quarantine": "ADD_COLUMNS"}
    lake.run()
    assert lake.plan() == {}
