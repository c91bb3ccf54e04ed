import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest
from deltalake import CommitProperties, Transaction, write_deltalake

from shoplake.engine.storage import table_cache
from shoplake.engine.storage.table_cache import TableCache, load_table, open_table, table_exists, transaction_version


@pytest.fixture
def at(tmp_path):
    where = str(tmp_path / "table")
    put(where, 1)
    return where


def put(where, *numbers, mode="append"):
    write_deltalake(where, pa.table({"n": pa.array(numbers, pa.int64())}), mode=mode)


def numbers(table):
    return sorted(table.to_pyarrow_table().column("n").to_pylist())


def test_it_is_read_from_the_start_once(at, monkeypatch):
    open_table(at)
    monkeypatch.setattr(table_cache, "load_table", None)

    assert numbers(open_table(at)) == [1]


def test_commits_of_others_are_seen(at):
    open_table(at)
    put(at, 2)

    assert (numbers(open_table(at)), open_table(at).version()) == ([1, 2], 1)


def test_what_is_written_through_it_is_seen(at):
    put(open_table(at), 2)

    assert numbers(open_table(at)) == [1, 2]


def test_a_mark_is_that_of_the_last_commit_that_put_it_down(at):
    def marked(number):
        marks = CommitProperties(app_transactions=[Transaction("batch", number)])
        write_deltalake(at, pa.table({"n": pa.array([number], pa.int64())}), mode="append", commit_properties=marks)

    seen = [transaction_version(at, "batch")]
    for number in (7, 8):
        marked(number)
        seen.append(transaction_version(at, "batch"))

    assert seen == [None, 7, 8]


def test_another_table_in_its_place_is_noticed(at):
    put(at, 2)
    open_table(at)
    shutil.rmtree(at)
    assert not table_exists(at)
    put(at, 7)
    put(at, 8)

    assert numbers(open_table(at)) == [7, 8]


def test_a_table_in_a_store_is_looked_at_after_a_while(bucket):
    put(f"{bucket}/t", 1)
    cache = TableCache(recheck_interval_s=0.5)
    first = open_table(f"{bucket}/t", cache)
    put(f"{bucket}/t", 2)
    assert open_table(f"{bucket}/t", cache) is first
    time.sleep(0.5)

    assert open_table(f"{bucket}/t", cache) is first
    assert numbers(first) == [1, 2]


def test_threads_have_handles_of_their_own(at):
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(open_table, at).result() is not open_table(at)


def test_only_so_many_are_kept_open(tmp_path):
    cache = TableCache(max_open=2)
    for name in "abc":
        put(str(tmp_path / name), 1)
    first = open_table(str(tmp_path / "a"), cache)
    for name in "bc":
        open_table(str(tmp_path / name), cache)

    assert open_table(str(tmp_path / "a"), cache) is not first


def test_a_fresh_one_is_no_ones_else(at):
    assert load_table(at) is not load_table(at)


def test_an_earlier_state_of_the_same_table_in_its_place_is_noticed(at):
    shutil.copytree(at, f"{at}-before")
    put(open_table(at), 2)
    shutil.rmtree(at)
    shutil.copytree(f"{at}-before", at)

    assert numbers(open_table(at)) == [1]
