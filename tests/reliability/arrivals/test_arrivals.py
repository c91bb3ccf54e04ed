"""When a file is ingested: once it is whole, whatever its times; never twice, and never silently not at all."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shoplake.engine.ingest import file_discovery as landing_of

from ..lakes import EVENTS, drop, event, ids, lake_at, listed

if TYPE_CHECKING:
    from shoplake.lake import Lake

UNFINISHED = (
    *("events/a.json.tmp", "events/a.json.part", "events/a.json.crdownload", "events/a.json._COPYING_"),
    *("events/.a.json", "events/.a.json.swp", "events/_a.json", "events/_temporary/a.json", ".git/events/a.json"),
)


def dated(file: Path, at: datetime) -> None:
    os.utime(file, (at.timestamp(), at.timestamp()))


def test_a_file_under_a_temporary_or_hidden_name_is_ingested_when_it_is_renamed(landing, lake: Lake, at):
    for number, name in enumerate(UNFINISHED):
        drop(landing, name, event(number))
    assert lake.run().files == 0
    (landing / "events/a.json.tmp").rename(landing / "events/a.json")

    assert lake.run().files == 1
    assert ids(at) == ["e000000"]


def test_a_file_that_grows_while_it_is_looked_at_waits_until_it_is_whole(landing, lake: Lake, at, monkeypatch):
    drop(landing, "events/whole.json", event(1))
    growing = drop(landing, "events/growing.json", event(2))
    listing = landing_of.list_all_files

    def then_grows(feeds):
        found = listing(feeds)
        drop(landing, "events/growing.json", event(2), event(3))
        return found

    monkeypatch.setattr(landing_of, "list_all_files", then_grows)
    first = lake.run()
    monkeypatch.undo()
    assert (first.files, first.rejected, ids(at)) == (1, [], ["e000001"])

    second = lake.run()
    assert growing.exists()
    assert (second.files, second.rejected, ids(at)) == (1, [], ["e000001", "e000002", "e000003"])


def test_a_file_that_was_read_half_is_read_whole_by_the_next_run(landing, lake: Lake, at):
    whole = drop(landing, "events/a.json", *(event(number) for number in range(4))).read_bytes()
    (landing / "events/a.json").write_bytes(whole[: 2 * len(whole) // 3])
    half = lake.run()
    (landing / "events/a.json").write_bytes(whole)

    report = lake.run()

    assert (half.files, report.files, report.rejected) == (1, 1, [])
    assert ids(at) == ["e000000", "e000001", "e000002", "e000003"]
    assert lake.table("silver.events_quarantine").count() == 0 and lake.verify() == []


def test_a_file_that_vanishes_while_it_is_looked_at_stops_no_other(landing, lake: Lake, at, monkeypatch):
    drop(landing, "events/stays.json", event(1))
    goes = drop(landing, "events/goes.json", event(2))
    listing = landing_of.list_all_files

    def then_vanishes(feeds):
        found = listing(feeds)
        goes.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(landing_of, "list_all_files", then_vanishes)

    assert (lake.run().files, ids(at)) == (1, ["e000001"])


def test_a_file_younger_than_the_time_to_settle_waits(tmp_path, landing):
    young, old = drop(landing, "events/young.json", event(1)), drop(landing, "events/old.json", event(2))
    dated(old, datetime.now(UTC) - timedelta(minutes=5))
    lake = lake_at(tmp_path / "lake", landing, tables=EVENTS, min_file_age_s=60)

    assert (lake.run().files, ids(tmp_path / "lake")) == (1, ["e000002"])
    dated(young, datetime.now(UTC) - timedelta(seconds=61))
    assert (lake.run().files, ids(tmp_path / "lake")) == (1, ["e000001", "e000002"])


@pytest.mark.sample
@pytest.mark.parametrize("name", ["events/a.json", "events/a.json.gz"])
def test_a_file_that_was_empty_when_first_seen_is_ingested_when_it_has_content(landing, lake: Lake, at, name):
    file, content = drop(landing, name), json.dumps(event(1)).encode()
    lake.run()
    file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)

    report = lake.run()

    assert (report.rejected, ids(at)) == ([], ["e000001"])


@pytest.mark.slow
def test_files_far_older_than_the_newest_and_from_the_future_are_all_ingested(tmp_path, landing):
    lake, now = lake_at(tmp_path / "lake", landing, tables=EVENTS, min_file_age_s=5), datetime.now(UTC)
    for number, days in enumerate((-1, -31, +400, -9_000)):
        dated(drop(landing, f"events/{number}.json", event(number)), now + timedelta(days=days))
        if number == 1:
            lake.run()
    lake.run()

    assert ids(tmp_path / "lake") == [f"e{number:06}" for number in range(4)]


def test_a_file_sent_again_just_as_it_was_is_ingested_once(landing, lake: Lake, at):
    file = drop(landing, "events/a.json", event(1))
    lake.run()
    dated(file, datetime.now(UTC) + timedelta(seconds=9))

    report = lake.run()

    assert (report.files, report.rejected, report.tables, ids(at)) == (0, [], [], ["e000001"])


def test_a_file_that_is_deleted_leaves_its_rows(landing, lake: Lake, at):
    file = drop(landing, "events/a.json", event(1))
    lake.run()
    file.unlink()
    lake.run()
    lake.run(full_refresh=True)

    assert ids(at) == ["e000001"]


@pytest.mark.slow
def test_many_small_batches_give_the_rows_of_one(tmp_path, landing):
    for number in range(7):
        drop(landing, f"events/{number}.json", event(number), event(number + 1))
    lake = lake_at(tmp_path / "lake", landing, tables=EVENTS, max_files_per_batch=2)

    assert lake.run().files == 7
    assert len({row["batch_id"] for row in listed(tmp_path / "lake", "bronze/events_raw")}) == 4
    assert ids(tmp_path / "lake") == [f"e{number:06}" for number in range(8)]


def test_files_of_other_names_in_the_folder_are_left_alone(landing, lake: Lake, at):
    for name in ("ground_truth.json", "events/readme.txt", "events/deeper/a.json", "notes/a.json"):
        drop(landing, name, event(1))

    assert lake.run().files == 0
    assert ids(at) == []
