import pytest

from engine.storage.conftest import EVENTS, add_row
from shoplake.engine.storage.durability import durable_heads
from shoplake.engine.storage.durability.durable_heads import (
    FILE,
    begin_repair,
    end_repair,
    forget_heads,
    load_heads,
    mark_durable,
    read_head,
    table_folders,
)


def test_the_head_of_each_table_is_recorded_after_a_sync(small_lake, monkeypatch):
    synced = []
    monkeypatch.setattr(durable_heads, "sync_lake", lambda lake: synced.append((lake, (small_lake / FILE).exists())))

    mark_durable(str(small_lake))

    assert synced == [(str(small_lake), False)]
    assert load_heads(str(small_lake)).tables == {EVENTS: read_head(str(small_lake), EVENTS)}
    assert read_head(str(small_lake), EVENTS).version == 2


def test_where_no_head_has_moved_nothing_is_synced(small_lake, monkeypatch):
    mark_durable(str(small_lake))
    monkeypatch.setattr(durable_heads, "sync_lake", pytest.fail)

    mark_durable(str(small_lake))


@pytest.mark.parametrize("content", [b"", b'{"add": ', b"changed"])
def test_a_head_that_was_damaged_after_its_record_is_not_recorded_anew(small_lake, commit, content):
    mark_durable(str(small_lake))
    before = load_heads(str(small_lake))
    commit(2).write_bytes(content)

    mark_durable(str(small_lake))

    assert load_heads(str(small_lake)) == before


def test_an_older_head_is_recorded_only_under_repair(small_lake, commit):
    mark_durable(str(small_lake))
    commit(2).unlink()
    mark_durable(str(small_lake))
    assert load_heads(str(small_lake)).tables[EVENTS].version == 2

    begin_repair(str(small_lake), [EVENTS])
    mark_durable(str(small_lake))

    assert load_heads(str(small_lake)).tables[EVENTS].version == 1


def test_a_repair_stays_recorded_until_it_ends(small_lake):
    begin_repair(str(small_lake), [EVENTS])
    mark_durable(str(small_lake))
    assert load_heads(str(small_lake)).under_repair == {EVENTS}

    end_repair(str(small_lake))

    assert load_heads(str(small_lake)).under_repair == frozenset()
    assert set(load_heads(str(small_lake)).tables) == {EVENTS}


def test_a_forgotten_head_is_not_recorded(small_lake):
    mark_durable(str(small_lake))

    forget_heads(str(small_lake), {EVENTS})

    assert load_heads(str(small_lake)).tables == {}


def test_a_lake_without_a_record_has_none(tmp_path):
    assert load_heads(str(tmp_path)) is None
    (tmp_path / FILE).write_bytes(b"")
    assert load_heads(str(tmp_path)) is None


def test_tables_are_found_by_their_logs(small_lake):
    add_row(small_lake, 1, "ops/files")
    (small_lake / "_staging" / "x").mkdir(parents=True)

    assert table_folders(str(small_lake)) == ["ops/files", EVENTS]


def test_an_object_store_has_no_record():
    mark_durable("s3://bucket/lake")
