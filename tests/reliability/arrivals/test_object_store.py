"""A shop whose files, or whose lake, lie in an object store: the same rows as on a local disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import obstore
import pytest

from shoplake.engine.storage import delta_log, filesystem
from shoplake.engine.storage.locks.lease import Lease
from shoplake.engine.storage.locks.object_lease import ConditionalPutBackend
from shoplake.errors import LakeLockedError, StorageAccessError

from ..lakes import ARRIVAL, EVENTS, content, difference, drop, event, lake_at, there, with_all_tables

if TYPE_CHECKING:
    from shoplake.lake import Lake


@pytest.fixture
def cloud(bucket: str, landing: Path) -> Lake:
    """A lake in an object store that keeps events only, of the local folder `landing`."""
    return lake_at(f"{bucket}/a/lake", landing, tables=EVENTS)


def put(url: str, folder: Path) -> None:
    """Copy all files of a folder to an address in a store."""
    for file in (path for path in folder.rglob("*") if path.is_file()):
        obstore.put(filesystem.object_store(url), str(file.relative_to(folder)), file.read_bytes())


def names(url: str) -> list[str]:
    """The objects below an address."""
    return sorted(each["path"] for each in obstore.list(filesystem.object_store(url)).collect())


def rows(lake: Lake, table: str) -> list[str]:
    """Every row of a table as text, in order, but for when and with what it came in."""
    found = delta_log.open_table(f"{lake.settings.lake}/{table}").to_pyarrow_table()
    kept = found.select([name for name in found.column_names if name not in ARRIVAL])
    return sorted(map(repr, kept.to_pylist()))


def versions(lake: Lake) -> dict[str, int]:
    return {name: delta_log.table_version(lake.engine.path(table)) for name, table in lake.known.items()}


def test_files_in_an_object_store_fill_a_local_lake_as_local_ones_do(bucket, tmp_path, lake, landing):
    drop(landing, "events/a file.json", *[event(number) for number in range(30)], "oops")
    drop(landing, "events/empty.json")
    put(f"{bucket}/drop", landing)
    cloud = lake_at(tmp_path / "other", f"{bucket}/drop", tables=EVENTS)

    report, _ = cloud.run(), lake.run()

    assert report.files == 2
    assert difference(content(tmp_path / "other"), content(tmp_path / "lake")) == {}
    assert cloud.run().tables == []


def test_a_folder_of_an_object_store_without_files_is_no_error(bucket, tmp_path):
    assert lake_at(tmp_path / "lake", f"{bucket}/drop", tables=EVENTS).run().files == 0


@pytest.mark.slow
def test_a_lake_in_an_object_store_holds_what_a_local_one_does(cloud, lake, landing, at):
    for day in (2, 3):
        made = [event(number, event_ts=f"2026-03-0{day}T10:00:{number:02}Z") for number in range(20 * day)]
        drop(landing, f"events/{day}.json", *made, "oops")
        cloud.run()
        lake.run()

    assert {table: rows(cloud, table) for table in there(at)} == content(at)
    before = versions(cloud)
    assert (cloud.run().tables, versions(cloud)) == ([], before)
    assert cloud.verify() == []
    assert cloud.sql("SELECT count(*) AS n FROM silver.events").to_arrow().to_pylist() == [{"n": 60}]


@pytest.mark.sample
def test_what_a_write_that_was_cut_off_left_in_a_store_is_removed(cloud):
    url = cloud.settings.lake
    obstore.put(filesystem.object_store(url), "_staging/events-1/judged/part.parquet", b"")

    cloud.run()

    assert [name for name in names(url) if "_staging" in name] == []


def test_of_two_writers_in_an_object_store_one_is_refused(cloud):
    with Lease(cloud.settings.lake, "other"), pytest.raises(LakeLockedError, match="has been writing to s3://"):
        cloud.run()


@pytest.mark.parametrize("of", ["lake", "feed"])
def test_a_store_that_refuses_its_key_stops_a_run_at_once(of, bucket, tmp_path, landing, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "wrong")
    places: tuple[Any, Any] = (bucket, landing) if of == "lake" else (tmp_path / "lake", bucket)
    began = time.monotonic()

    with pytest.raises(StorageAccessError, match="refuses the key"):
        lake_at(*places, tables=EVENTS).run()

    assert time.monotonic() - began < 25


@pytest.mark.parametrize("verb", ["quality", "verify"])
def test_a_lake_in_a_bucket_that_is_not_there_is_a_missing_bucket(verb, object_store, landing):
    with pytest.raises(StorageAccessError, match="There is no bucket 'nowhere'"):
        getattr(lake_at("s3://nowhere/lake", landing), verb)()


RUN = """
import sys
from reliability.lakes import EVENTS, lake_at
lake_at(sys.argv[1], sys.argv[2], tables=EVENTS).run()
"""


def killed_at(objects: int, url: str, landing: Path) -> None:
    """A run in a process of its own, killed as soon as the lake has so many objects."""
    tests = str(Path(__file__).parents[2])
    victim = subprocess.Popen([sys.executable, "-c", RUN, url, str(landing)], env=os.environ | {"PYTHONPATH": tests})
    while len(names(url)) < objects and victim.poll() is None:
        time.sleep(0.01)
    victim.kill()
    assert victim.wait() == -signal.SIGKILL


@pytest.mark.slow
def test_runs_that_are_killed_in_an_object_store_leave_nothing_behind(cloud, lake, landing, at):
    drop(landing, "events/1.json", *[event(number) for number in range(60)], "oops")
    lake.run()
    for objects in (8, 20, 32):
        killed_at(objects, cloud.settings.lake, landing)
        expired = ConditionalPutBackend(filesystem.object_store(cloud.settings.lake), timedelta(0))
        with Lease(cloud.settings.lake, "who comes after", backend=expired):
            pass

    cloud.run()

    assert {table: rows(cloud, table) for table in there(at)} == content(at)
    assert [name for name in names(cloud.settings.lake) if "_staging" in name] == []


@with_all_tables
def test_a_whole_shop_in_an_object_store_is_row_for_row_that_of_a_local_disk(shop, bucket):
    put(f"{bucket}/drop", shop.landing)
    cloud = lake_at(f"{bucket}/lake", f"{bucket}/drop")

    cloud.run()

    expected = shop.content
    assert difference({table: rows(cloud, table) for table in expected}, expected) == {}
    assert (cloud.run().tables, cloud.verify()) == ([], [])
    assert len(cloud.quality()) == len(lake_at(shop.lake, shop.landing).quality())
