"""Each kind of damage that `verify` names is mended, and the tables are as before."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sample_tables import CATALOG, daily, latest, marks, marks_raw, prices

from shoplake.engine.state.ops_tables import OPS
from shoplake.engine.storage.durability.damaged_tail import recovered_lease
from shoplake.engine.storage.durability.durable_heads import begin_repair
from shoplake.errors import LakeLockedError, TableDamagedError, UnsupportedFeatureError
from shoplake.operations.integrity.repair import Repair, RepairAction, repair
from shoplake.operations.integrity.verify import NOT_BUILT, find_problems
from shoplake.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_lake import SampleLake

    from shoplake.declare import Table

Harm = "Callable[[Path], object]"


QUICK_STATE = {"offsets"}
"""State tables whose damage every run of the tests repairs; one test loses all of them at once."""
STATE = [
    pytest.param(table, id=table.name, marks=[] if table.name in QUICK_STATE else pytest.mark.slow) for table in OPS
]


def known() -> list[Table[...]]:
    beside = [each for table in CATALOG.ordered for each in table.companion_tables]
    return [*CATALOG.ordered, *beside, *OPS]


def problems(lake: SampleLake) -> list[str]:
    return [str(each) for each in find_problems(lake.engine, CATALOG, lake.state, known())]


def repaired(lake: SampleLake) -> list[RepairAction]:
    return repair(lake.engine, CATALOG, lake.state, lake.settings, known())


def content(lake: SampleLake) -> dict[str, list[tuple[object, ...]]]:
    without = {"batch_id", "ingested_at", "quarantined_at"}
    return {
        table.path: lake.rows(table, *[each.name for each in table.columns if each.name not in without])
        for table in known()
        if table.layer != "ops"
    }


def head(table: Path) -> Path:
    return max((table / "_delta_log").glob("*.json"))


def empty_head(table: Path) -> None:
    head(table).write_bytes(b"")


def lose_head(table: Path) -> None:
    head(table).unlink()


def lose_data(table: Path) -> None:
    for file in table.rglob("*.parquet"):
        file.unlink()


def lose_table(table: Path) -> None:
    shutil.rmtree(table)


def check(lake: SampleLake, *harmed: tuple[str, Callable[[Path], object]]) -> list[RepairAction]:
    """Harm tables of the lake, repair it, and see that nothing is missing; what the repair did."""
    before = content(lake)
    for table, harm in harmed:
        harm(Path(lake.engine.lake, table))
    assert problems(lake) != []

    actions = repaired(lake)

    assert problems(lake) == []
    assert content(lake) == before
    lake.run()
    assert (problems(lake), content(lake)) == ([], before)
    return actions


@pytest.mark.sample
@pytest.mark.parametrize(
    ("table", "harm"),
    [
        (marks_raw, empty_head),
        pytest.param(marks_raw, lose_data, marks=pytest.mark.slow),
        pytest.param(marks, lose_head, marks=pytest.mark.slow),
        pytest.param(prices.changelog, lose_data, marks=pytest.mark.slow),
        pytest.param(daily, lose_table, marks=pytest.mark.slow),
    ],
    ids=lambda value: getattr(value, "name", None) or value.__name__,
)
def test_a_damaged_table_is_as_before_after_a_repair(filled: SampleLake, table: Table[...], harm):
    actions = check(filled, (table.path, harm))

    assert all(action.is_success for action in actions)
    assert table.qualified_name in {action.table for action in actions}


@pytest.mark.sample
@pytest.mark.parametrize("table", STATE)
def test_a_state_table_whose_head_is_empty_is_restored(filled: SampleLake, table: Table[...]):
    actions = check(filled, (table.path, empty_head))

    assert [action.action for action in actions if action.table == table.qualified_name] == ["moved aside", "restored"]


def test_a_table_that_is_gone_is_not_said_to_be_one_that_was_never_built(filled: SampleLake):
    lose_table(Path(filled.engine.lake, daily.path))

    [problem] = problems(filled)

    assert daily.qualified_name in problem and NOT_BUILT not in problem


def test_a_table_that_is_not_there_at_all_is_rebuilt_and_nothing_is_said_to_be_moved(filled: SampleLake):
    actions = check(filled, (daily.path, lose_table))

    assert [action.action for action in actions if action.table == daily.qualified_name] == ["rebuilt"]


@pytest.mark.slow
def test_a_lake_whose_whole_state_is_gone_is_mended(filled: SampleLake):
    check(filled, ("ops", lose_table))


@pytest.mark.slow
def test_a_lake_whose_whole_bronze_is_gone_is_mended(filled: SampleLake):
    check(filled, ("bronze", lose_table))


@pytest.mark.slow
def test_damage_in_every_layer_is_mended_at_once(filled: SampleLake):
    check(filled, (marks_raw.path, lose_data), (latest.path, empty_head), ("ops/files", lose_table))


@pytest.mark.slow
def test_what_is_damaged_lies_in_the_lake_until_somebody_deletes_it(filled: SampleLake):
    check(filled, (marks.path, empty_head))

    assert list(Path(filled.engine.lake, "_damaged").glob(f"*/{marks.path}/_delta_log/*.json")) != []


def test_rows_whose_landing_file_is_gone_are_named(filled: SampleLake):
    (filled.landing / "marks/a.json").unlink()
    lose_data(Path(filled.engine.path(marks_raw), "batch_id=b000000001"))

    actions = repaired(filled)

    assert [(each.table, each.detail) for each in actions if not each.is_success] == [
        ("bronze.marks_raw", "no longer in the landing folder: marks/a.json")
    ]
    assert problems(filled) == []


@pytest.mark.slow
def test_rows_deleted_behind_the_lakes_back_come_back(filled: SampleLake):
    before = content(filled)
    filled.engine.delete_batch(marks_raw, "b000000001")
    assert problems(filled) != []

    repaired(filled)

    assert (problems(filled), content(filled)) == ([], before)


def test_where_nothing_is_wrong_nothing_is_done(filled: SampleLake):
    versions = filled.versions()

    assert repaired(filled) == []
    assert filled.versions() == versions


@pytest.mark.sample
def test_a_repair_that_was_cut_off_is_finished_by_the_next(filled: SampleLake, monkeypatch):
    before = content(filled)
    lose_data(Path(filled.engine.path(marks)))
    with monkeypatch.context() as patch:
        patch.setattr(Repair, "_rebuild", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            repaired(filled)
    with pytest.raises(TableDamagedError, match="repair is not finished"), recovered_lease(filled.engine.lake, "run"):
        pass

    repaired(filled)

    assert (problems(filled), content(filled)) == ([], before)


@pytest.mark.slow
def test_state_moved_aside_by_a_repair_that_was_cut_off_is_found_by_the_next(filled: SampleLake):
    table = Path(filled.engine.lake, "ops/files")
    aside = Path(filled.engine.lake, "_damaged/earlier/ops")
    begin_repair(filled.engine.lake, ["ops/files"])
    aside.mkdir(parents=True)
    shutil.move(table, aside)

    repaired(filled)

    assert problems(filled) == []
    assert filled.wrote() == []


def test_a_lake_that_somebody_writes_to_is_not_repaired(filled: SampleLake):
    with recovered_lease(filled.engine.lake, "run"), pytest.raises(LakeLockedError):
        repaired(filled)


def test_a_lake_in_an_object_store_is_refused_with_what_to_do(filled: SampleLake):
    settings = Settings("s3://bucket/lake", ())
    with pytest.raises(UnsupportedFeatureError, match="--full-refresh"):
        repair(filled.engine, CATALOG, filled.state, settings, known())
