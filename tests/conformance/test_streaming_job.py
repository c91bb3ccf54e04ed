"""`shoplake stream`: true streaming queries whose tables are those of runs, whatever becomes of their checkpoints."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from reliability.lakes import EVENTS, content, difference, drop, event, ids, lake_at, listed, versions

from shoplake.engine.storage import delta_log
from shoplake.engine.storage.locks.lease import Lease
from shoplake.lake import EVENTS_LIVE
from shoplake.pipeline.streaming.live_events import AppendLiveEvents
from shoplake.pipeline.streaming.streaming_job import IngestMicroBatch
from shoplake.simulate import generate

if TYPE_CHECKING:
    from shoplake.lake import Lake
    from shoplake.pipeline.streaming.streaming_progress import StreamingUpdate

SOON = [event(number) for number in range(30)]
LATE = [event(100 + number, event_ts="2026-02-20T10:00:00Z") for number in range(4)]
DAY = 86_400
APPROXIMATE = "gold/product_performance_daily"
"""Its approximate count of viewers rightly differs from engine to engine."""


@dataclass(frozen=True)
class StreamedLake:
    """A lake that was streamed, run and streamed again, and the updates of both streams."""

    landing: Path
    lake: Lake
    first: list[StreamingUpdate]
    second: list[StreamingUpdate]


def on_spark_at(path: Path, landing: Path, **settings) -> Lake:
    return lake_at(path, landing, engine="spark", remote="local", tables=EVENTS, on_changed_file="replace", **settings)


def stream(lake: Lake) -> list[StreamingUpdate]:
    return list(lake.stream(threading.Event()))


pytestmark = pytest.mark.slow
"""Spark takes 40 s to stream a shop so small that Sail builds it in two."""


@pytest.fixture(scope="module")
def reported(on_spark, tmp_path_factory) -> StreamedLake:
    folder = tmp_path_factory.mktemp("stream")
    landing, at = folder / "landing", folder / "lake"
    drop(landing, "events/a.json", *SOON, "oops")
    drop(landing, "events/b #%.json", *SOON[:5], event(3, event_ts="2026-03-02T08:00:00Z"))
    lake = on_spark_at(at, landing)
    first = stream(lake)
    drop(landing, "events/run.json", event(50))
    lake_at(at, landing, tables=EVENTS).run()
    drop(landing, "events/late.json", *LATE)
    os.utime(drop(landing, "events/old.json", event(60)), (time.time() - 30 * DAY,) * 2)
    drop(landing, "events/a.json", *SOON[:29], "oops", event(61))
    return StreamedLake(landing, lake, first, stream(lake))


def at(reported: StreamedLake) -> Path:
    return Path(reported.lake.settings.lake)


def test_the_tables_of_streams_and_a_run_in_turn_are_those_of_one_run(reported, tmp_path):
    whole = lake_at(tmp_path / "lake", reported.landing, tables=EVENTS, on_changed_file="replace")
    whole.run()
    silver = ("silver/events", "silver/events_quarantine")
    assert difference(content(tmp_path / "lake", silver), content(at(reported), silver)) == {}


def test_each_file_is_ingested_once_old_ones_and_rewritten_ones_too(reported):
    landed = sorted(row["path"] for row in listed(at(reported), "ops/files") if row["state"] == "ingested")
    assert landed == sorted([*(f"events/{name}.json" for name in ("a", "a", "b #%", "late", "old", "run"))])


def test_events_are_live_once_and_those_too_late_are_counted_and_kept(reported):
    live = ids(at(reported), "ops/events_live")
    assert len(live) == len(set(live)) and {each["event_id"] for each in SOON} <= set(live)
    assert reported.second[-1].live.late_rows == len(LATE)
    assert {each["event_id"] for each in LATE} <= set(ids(at(reported))) - set(live)


def test_a_stream_reports_what_it_ingested_and_how_much_it_remembers(reported):
    assert sum(each.result.files for each in reported.first) == 2
    assert sum(each.result.files for each in reported.second) == 3
    live = reported.first[-1].live
    assert (live.rows, live.late_rows) == (37, 0) and live.state_rows > 0


def test_files_that_are_given_again_change_nothing(on_spark, reported):
    before, a = versions(at(reported)), f"file:{reported.landing}/events/a.json"
    listed_again = on_spark.createDataFrame(
        [("shop", a, datetime.now(UTC))], "feed string, path string, modificationTime timestamp"
    )
    with Lease(reported.lake.settings.lake, "test") as lease:
        IngestMicroBatch(reported.lake.settings, EVENTS, lease.token)(listed_again, 0)
    assert versions(at(reported)) == before


def test_live_events_that_are_given_again_are_written_once(on_spark, reported, tmp_path):
    rows = on_spark.read.format("delta").load(str(at(reported) / EVENTS_LIVE.path)).limit(3)
    delta_log.create_if_missing(EVENTS_LIVE, str(tmp_path / "lake" / EVENTS_LIVE.path))
    (tmp_path / "metadata").write_text('{"id": "one"}')
    with Lease(str(tmp_path / "lake"), "test") as lease:
        keep = AppendLiveEvents(str(tmp_path / "lake"), lease.token, str(tmp_path))
        for number in (0, 0, 1):
            keep(rows, number)
    assert len(ids(tmp_path / "lake", EVENTS_LIVE.path)) == 6


def test_checkpoints_that_are_lost_change_nothing_and_make_nothing_live_twice(reported):
    before = versions(at(reported))
    shutil.rmtree(at(reported) / "_checkpoints")
    output = stream(reported.lake)
    assert [each.result.files for each in output] == [0]
    assert versions(at(reported)) == before
    live = ids(at(reported), "ops/events_live")
    assert len(live) == len(set(live))


STREAM = """
import sys, threading
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from reliability.lakes import lake_at
names = sys.argv[4].split(",") if sys.argv[4] else ()
settings = dict(engine="spark", remote="local", max_files_per_batch=2)
lake = lake_at(Path(sys.argv[2]), Path(sys.argv[3]), tables=names, **settings)
every = float(sys.argv[5]) if sys.argv[5] else None
from shoplake.cli.progress.stream_progress import run_stream
from shoplake.cli.console import open_console
run_stream(open_console(), lake, every, 3600.0)
"""


def streaming(lake: Path, landing: Path, tables: tuple[str, ...] = EVENTS, every: str = "") -> subprocess.Popen[str]:
    """A process that streams a lake, two files a batch."""
    given = [str(Path(__file__).parents[1]), str(lake), str(landing), ",".join(tables), every]
    return subprocess.Popen([sys.executable, "-c", STREAM, *given], stdout=subprocess.PIPE, text=True)


def test_a_stream_that_is_killed_is_continued_by_the_next_and_every_event_is_there_once(on_spark, tmp_path):
    landing, lake = tmp_path / "landing", tmp_path / "lake"
    for number in range(6):
        drop(landing, f"events/{number}.json", *[event(10 * number + each) for each in range(12)])
    with streaming(lake, landing) as victim:
        assert " batch 1: " in victim.stdout.readline()
        time.sleep(1)
        victim.send_signal(signal.SIGKILL)
    with streaming(lake, landing) as heir:
        assert "All new files are ingested" in heir.communicate(timeout=200)[0]
    lake_at(tmp_path / "whole", landing, tables=EVENTS).run()
    assert difference(content(tmp_path / "whole"), content(lake)) == {}


def test_a_run_on_the_other_engine_takes_up_a_stream_that_is_killed_and_waits_for_what_it_left_at_work(
    on_spark, tmp_path
):
    landing, lake = tmp_path / "landing", tmp_path / "lake"
    for number in range(6):
        drop(landing, f"events/{number}.json", *[event(10 * number + each) for each in range(12)])
    with streaming(lake, landing) as victim:
        assert " batch 1: " in victim.stdout.readline()
        victim.send_signal(signal.SIGKILL)
    lake_at(lake, landing, tables=EVENTS).run()
    time.sleep(5)
    lake_at(tmp_path / "whole", landing, tables=EVENTS).run()
    assert difference(content(tmp_path / "whole"), content(lake)) == {}
    landed = [row["path"] for row in listed(lake, "ops/files") if row["state"] == "ingested"]
    assert len(landed) == len(set(landed)) == 6


def test_a_signal_ends_a_stream_that_goes_on_once_its_batch_is_done(on_spark, tmp_path):
    landing, lake = tmp_path / "landing", tmp_path / "lake"
    drop(landing, "events/a.json", event(1))
    with streaming(lake, landing, every="0.5") as process:
        assert ": 1 file, 1 row" in process.stdout.readline()
        drop(landing, "events/b.json", event(2))
        assert any(": 1 file, 1 row" in line for line in process.stdout)
        drop(landing, "events/a.json", event(1), event(3))
        process.send_signal(signal.SIGTERM)
        assert "Stopped after the current batch" in process.communicate(timeout=120)[0]
    assert process.returncode == 0
    assert ids(lake) == ["e000001", "e000002"]


def test_after_kills_at_any_instant_all_tables_are_those_of_one_run(on_spark, tmp_path):
    landing, lake = tmp_path / "landing", tmp_path / "lake"
    generate(landing, events=800, customers=40, products=20, days=2, error_rate=0.06, seed=5)
    for seconds in (20, 31, 47, 64):
        with streaming(lake, landing, ()) as victim:
            time.sleep(seconds)
            victim.kill()
    with streaming(lake, landing, ()) as heir:
        assert "All new files are ingested" in heir.communicate(timeout=900)[0]
    lake_at(tmp_path / "whole", landing).run()
    expected, found = content(tmp_path / "whole"), content(lake)
    assert difference({name: rows for name, rows in expected.items() if name != APPROXIMATE}, found) == {}
