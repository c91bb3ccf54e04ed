"""Disks that are full, read-only or broken: a typed error, the last versions readable, and the next run mends it."""

from __future__ import annotations

import errno
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from deltalake import DeltaTable
from pyspark.errors import PySparkException
from pyspark.sql.connect.readwriter import DataFrameWriter

from shoplake.engine.state import folder_ops
from shoplake.engine.write.modes.upsert import UpsertStrategy
from shoplake.errors import CommitError, ShoplakeError

from ..lakes import EVENTS, content, difference, drop, event, ids, lake_at, rows, there, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shoplake.lake import Lake

FULL = "No space left on device (os error 28)"


def full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, FULL)


def full_for_the_engine(*_: Any, **__: Any) -> None:
    raise PySparkException(f"Generic LocalFileSystem error: {FULL}")


BREAKS: dict[str, tuple[object, str, Callable[..., None]]] = {
    "a table of the engine": (DataFrameWriter, "save", full_for_the_engine),
    "the staging files": (DataFrameWriter, "parquet", full_for_the_engine),
    "a merge": (UpsertStrategy, "merge_rows", lambda *_: full_for_the_engine()),
    "the state store": (folder_ops, "write_deltalake", full),
    "the making of a table": (DeltaTable, "create", full),
    "the rows of an earlier attempt": (DeltaTable, "delete", full),
}


@pytest.fixture
def filled(lake: Lake, landing: Path) -> Lake:
    """A lake of one file, with a second one to ingest."""
    drop(landing, "events/a.json", event(1), event(2))
    lake.run()
    drop(landing, "events/b.json", event(2, event_ts="2026-03-02T08:00:00Z"), event(3), "oops")
    return lake


def fresh(landing: Path) -> dict[str, list[str]]:
    """What a lake that nothing happened to makes of the same files."""
    return rows_of_events(tuple((file.name, file.read_bytes()) for file in sorted(landing.glob("events/*"))))


@cache
def rows_of_events(files: tuple[tuple[str, bytes], ...]) -> dict[str, list[str]]:
    with TemporaryDirectory() as folder:
        for name, text in files:
            drop(Path(folder, "landing"), f"events/{name}").write_bytes(text)
        lake_at(Path(folder, "lake"), Path(folder, "landing"), tables=EVENTS).run()
        return content(Path(folder, "lake"))


@pytest.mark.sample
@pytest.mark.parametrize(
    "place",
    [
        "a table of the engine",
        pytest.param("the staging files", marks=pytest.mark.slow),
        pytest.param("the state store", marks=pytest.mark.slow),
    ],
)
def test_a_disk_that_is_full_for_one_write_is_an_error_and_the_next_run_mends_it(
    filled: Lake, landing, at, monkeypatch, place
):
    owner, name, breaks = BREAKS[place]
    before = rows(at, "silver/events")

    with monkeypatch.context() as broken, pytest.raises(CommitError, match="No space left"):
        broken.setattr(owner, name, breaks)
        filled.run()

    assert rows(at, "silver/events") == before
    filled.run()
    assert difference(content(at), fresh(landing)) == {}


def test_a_disk_that_is_full_when_tables_are_made_is_an_error(lake: Lake, landing, at, monkeypatch):
    drop(landing, "events/a.json", event(1))
    with monkeypatch.context() as broken, pytest.raises(CommitError, match="No space left"):
        broken.setattr(DeltaTable, "create", full)
        lake.run()

    assert lake.run().files == 1


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Gives a disk a size in KiB; skipped where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)], capture_output=True)
    if made.returncode:
        pytest.skip("only root can mount a small disk")

    def sized(kib: int) -> Path:
        subprocess.run(["mount", "-o", f"remount,size={kib}k", str(folder)], check=True)
        return folder

    yield sized
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("kib", [60, 100, 140])
def test_a_disk_that_fills_up_midway_is_an_error_and_with_more_room_the_next_run_mends_it(disk, landing, tmp_path, kib):
    drop(landing, "events/a.json", *[event(number) for number in range(400)], "oops")
    drop(landing, "events/b.json", *[event(number, event_ts="2026-03-02T08:00:00Z") for number in range(200)])
    lake = lake_at(disk(kib) / "lake", landing, tables=EVENTS, max_files_per_batch=1)

    with pytest.raises(CommitError, match=r"(?i)no space left"):
        lake.run()

    assert all(rows(tmp_path / "disk/lake", table, ()) is not None for table in there(tmp_path / "disk/lake"))
    disk(4_000)
    lake.run()
    assert difference(content(tmp_path / "disk/lake"), fresh(landing)) == {}


@pytest.fixture
def read_only(at: Path) -> Iterator[Callable[[], None]]:
    """Makes the lake read-only, also for root; skipped where that cannot be."""

    def lock() -> None:
        made = subprocess.run(["chattr", "-R", "+i", str(at)], capture_output=True)
        if made.returncode:
            pytest.skip("the file system or the user cannot make files immutable")

    yield lock
    subprocess.run(["chattr", "-R", "-i", str(at)], capture_output=True)


@pytest.mark.sample
def test_a_read_only_lake_is_an_error_stays_readable_and_the_next_run_mends_it(filled: Lake, landing, at, read_only):
    before, last = content(at), versions(at)
    read_only()

    with pytest.raises(ShoplakeError, match=r"(?i)read-only|permit|permission"):
        filled.run()

    assert (content(at), versions(at)) == (before, last)
    assert filled.table("silver.events").to_arrow().num_rows == 2
    subprocess.run(["chattr", "-R", "-i", str(at)], check=True)
    filled.run()
    assert difference(content(at), fresh(landing)) == {}


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param("bronze/events_raw", marks=pytest.mark.slow),
        "silver/events",
        pytest.param("ops/offsets", marks=pytest.mark.slow),
        pytest.param("ops/files", marks=pytest.mark.slow),
    ],
)
def test_one_table_that_cannot_be_written_is_an_error_and_the_next_run_mends_it(filled: Lake, landing, at, folder):
    if subprocess.run(["chattr", "-R", "+i", str(at / folder)], capture_output=True).returncode:
        pytest.skip("the file system or the user cannot make files immutable")
    try:
        with pytest.raises(CommitError):
            filled.run()
    finally:
        subprocess.run(["chattr", "-R", "-i", str(at / folder)], check=True)

    filled.run()
    assert difference(content(at), fresh(landing)) == {}


def test_a_file_that_the_disk_cannot_read_is_named_and_stops_no_other(lake: Lake, landing, at):
    drop(landing, "events/a.json", event(1))
    (landing / "events/b.json").symlink_to("/proc/self/mem")

    report = lake.run()

    assert [output.split(" (")[0] for output in report.unreadable] == ["shop: events/b.json"]
    assert ids(at) == ["e000001"]


def test_a_landing_folder_that_is_gone_is_named(lake: Lake, landing):
    landing.rmdir()

    with pytest.raises(ShoplakeError, match="feed 'shop' cannot be listed"):
        lake.run()
