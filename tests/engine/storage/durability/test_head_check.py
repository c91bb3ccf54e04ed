import shutil

import pytest

from engine.storage.conftest import EVENTS, add_row
from shoplake.engine.storage.durability.durable_heads import FILE, begin_repair, mark_durable
from shoplake.engine.storage.durability.head_check import Severity, check_heads, find_damage
from shoplake.errors import TableDamagedError


def severities(lake):
    return [(damage.table, damage.severity) for damage in find_damage(str(lake))]


def emptied(path):
    path.write_bytes(b"")


def cut(path):
    path.write_bytes(path.read_bytes()[:-30])


def lost(path):
    path.unlink()


def test_a_lake_as_it_was_recorded_has_no_damage(small_lake):
    mark_durable(str(small_lake))

    assert find_damage(str(small_lake)) == []
    check_heads(str(small_lake), [EVENTS])


def test_whole_commits_after_the_record_are_no_damage(small_lake):
    mark_durable(str(small_lake))
    add_row(small_lake, 3)

    assert find_damage(str(small_lake)) == []


@pytest.mark.parametrize("harm", [emptied, cut, lost])
def test_damage_to_the_recorded_head_is_durable_and_names_the_file(small_lake, commit, harm):
    mark_durable(str(small_lake))
    harm(commit(2))

    (damage,) = find_damage(str(small_lake))

    assert (damage.name, damage.severity, damage.file) == ("silver.events", Severity.DURABLE, commit(2))
    with pytest.raises(TableDamagedError, match=r"silver\.events is damaged.*shoplake repair"):
        check_heads(str(small_lake), [EVENTS])


@pytest.mark.parametrize("harm", [emptied, lost])
def test_damage_before_the_recorded_head_is_durable(small_lake, commit, harm):
    mark_durable(str(small_lake))
    harm(commit(1))

    assert severities(small_lake) == [(EVENTS, Severity.DURABLE)]


@pytest.mark.parametrize("harm", [emptied, cut])
def test_damage_after_the_record_is_a_tail_that_a_run_mends(small_lake, commit, harm):
    mark_durable(str(small_lake))
    add_row(small_lake, 3)
    harm(commit(3))

    (damage,) = find_damage(str(small_lake))

    assert (damage.severity, damage.files) == (Severity.TAIL, (commit(3),))
    with pytest.raises(TableDamagedError, match="shoplake run"):
        check_heads(str(small_lake), [EVENTS])


def test_a_lost_commit_takes_the_later_ones_with_it(small_lake, commit):
    mark_durable(str(small_lake))
    add_row(small_lake, 3)
    add_row(small_lake, 4)
    lost(commit(3))

    assert find_damage(str(small_lake))[0].files == (commit(4),)


@pytest.mark.parametrize("harm", [emptied, cut, lost])
def test_a_new_commit_whose_data_file_is_broken_is_a_tail(small_lake, commit, harm):
    mark_durable(str(small_lake))
    before = set((small_lake / EVENTS).glob("*.parquet"))
    add_row(small_lake, 3)
    (file,) = set((small_lake / EVENTS).glob("*.parquet")) - before
    harm(file)

    (damage,) = find_damage(str(small_lake))

    assert (damage.severity, damage.file, damage.files) == (Severity.TAIL, file, (commit(3),))


def test_a_new_table_without_its_first_commit_is_a_tail_as_a_whole(small_lake, commit):
    (small_lake / FILE).write_text('{"tables": {}, "under_repair": []}')
    emptied(commit(0))

    assert find_damage(str(small_lake))[0].files == (small_lake / EVENTS,)


def test_a_new_table_with_an_empty_log_is_a_leftover(tmp_path):
    (tmp_path / EVENTS / "_delta_log").mkdir(parents=True)
    mark_durable(str(tmp_path))

    assert severities(tmp_path) == [(EVENTS, Severity.LEFTOVER)]
    check_heads(str(tmp_path), [EVENTS])


def test_a_table_whose_folder_is_gone_is_durable_damage(small_lake):
    mark_durable(str(small_lake))
    shutil.rmtree(small_lake / EVENTS)

    assert severities(small_lake) == [(EVENTS, Severity.DURABLE)]


def test_a_version_checksum_without_its_commit_is_a_leftover(small_lake):
    mark_durable(str(small_lake))
    (small_lake / EVENTS / "_delta_log" / f"{3:020d}.crc").write_text("{}")

    assert severities(small_lake) == [(EVENTS, Severity.LEFTOVER)]


def test_a_hint_without_its_checkpoint_is_a_tail(small_lake):
    mark_durable(str(small_lake))
    (small_lake / EVENTS / "_delta_log" / "_last_checkpoint").write_text("")

    assert severities(small_lake) == [(EVENTS, Severity.TAIL)]


def test_a_lake_of_an_earlier_version_is_checked_by_its_logs(small_lake, commit):
    assert find_damage(str(small_lake)) == []
    emptied(commit(2))

    assert severities(small_lake) == [(EVENTS, Severity.DURABLE)]


def test_a_table_under_repair_cannot_be_read(small_lake):
    mark_durable(str(small_lake))
    begin_repair(str(small_lake), [EVENTS])

    with pytest.raises(TableDamagedError, match="repair is not finished"):
        check_heads(str(small_lake), [EVENTS])


def test_only_the_tables_that_are_asked_for_are_checked(small_lake, commit):
    mark_durable(str(small_lake))
    emptied(commit(2))

    check_heads(str(small_lake), ["silver/other"])


def test_an_object_store_is_left_alone():
    assert find_damage("s3://bucket/lake") == []
