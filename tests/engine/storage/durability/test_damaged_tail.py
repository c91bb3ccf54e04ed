import shutil

import pytest
from deltalake import DeltaTable

from engine.storage.conftest import EVENTS, add_row
from shoplake.engine.storage.durability.damaged_tail import FOLDER, move_aside, recover_tails, recovered_lease
from shoplake.engine.storage.durability.durable_heads import load_heads, mark_durable
from shoplake.engine.storage.durability.head_check import find_damage
from shoplake.errors import TableDamagedError


def numbers(lake):
    return sorted(DeltaTable(str(lake / EVENTS)).to_pyarrow_table().column("n").to_pylist())


def test_a_damaged_tail_is_moved_aside_and_the_table_is_as_it_was_recorded(small_lake, commit):
    mark_durable(str(small_lake))
    add_row(small_lake, 3)
    add_row(small_lake, 4)
    commit(3).write_bytes(b"")

    (damage,) = recover_tails(str(small_lake))

    assert damage.file == commit(3)
    assert numbers(small_lake) == [0, 1, 2]
    assert len(list(small_lake.glob(f"{FOLDER}/*/{EVENTS}/_delta_log/*.json"))) == 2
    assert find_damage(str(small_lake)) == []


def test_durable_damage_is_raised_before_anything_is_moved(small_lake, commit):
    mark_durable(str(small_lake))
    add_row(small_lake, 3)
    add_row(small_lake, 1, "gold/sales")
    (small_lake / "gold/sales/_delta_log" / f"{0:020d}.json").write_bytes(b"")
    commit(2).write_bytes(b"")

    with pytest.raises(TableDamagedError):
        recover_tails(str(small_lake))
    assert not (small_lake / FOLDER).exists()


def test_a_folder_that_was_moved_away_to_be_built_anew_is_no_damage(small_lake):
    mark_durable(str(small_lake))
    shutil.rmtree(small_lake / EVENTS)

    with pytest.raises(TableDamagedError):
        recover_tails(str(small_lake), ["gold"])
    assert recover_tails(str(small_lake), ["silver"]) == []
    assert load_heads(str(small_lake)).tables == {}


def test_whole_commits_of_a_run_that_was_killed_stay_and_are_recorded(small_lake):
    mark_durable(str(small_lake))
    add_row(small_lake, 3)

    assert recover_tails(str(small_lake)) == []
    assert numbers(small_lake) == [0, 1, 2, 3]
    assert load_heads(str(small_lake)).tables[EVENTS].version == 3


def test_what_is_written_under_the_lease_is_durable_at_its_end(small_lake):
    with recovered_lease(str(small_lake), "test"):
        add_row(small_lake, 3)

    assert load_heads(str(small_lake)).tables[EVENTS].version == 3


def test_files_moved_aside_keep_their_path_in_the_lake(small_lake, commit):
    folder = move_aside(str(small_lake), [commit(2), small_lake / "none"])

    assert [path.relative_to(folder) for path in folder.rglob("*.json")] == [commit(2).relative_to(small_lake)]
    assert not commit(2).exists()


def test_an_object_store_is_left_alone():
    assert recover_tails("s3://bucket/lake") == []
