"""Two writers at once: one gets an error that names the other; where both write, nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from deltalake import DeltaTable

from shoplake.engine.session import sail
from shoplake.engine.storage.durability import damaged_tail
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.modes.matching import upsert_match
from shoplake.engine.write.table_location import PathTable
from shoplake.errors import LakeLockedError

from ..lakes import EVENTS, drop, event, ids, lake_at, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shoplake.lake import Lake

HOLDER = """
    import sys, time
    from shoplake.engine.storage.locks.lease import Lease
    with Lease(sys.argv[1], "shoplake run"):
        print("held", flush=True)
        time.sleep(60)
"""


@pytest.fixture
def holder(at: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lease."""
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDER), str(at)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_refused_with_who_writes_where_and_since_when(lake: Lake, landing, at, holder):
    drop(landing, "events/a.json", event(1))

    with pytest.raises(LakeLockedError) as refused:
        lake.run()

    output = str(refused.value)
    assert f"Process {holder.pid} on {socket.gethostname()}" in output
    assert "since 20" in output
    assert not (at / "silver").exists()


def test_the_lease_of_a_killed_process_is_acquired_at_once(lake: Lake, landing, at, holder):
    drop(landing, "events/a.json", event(1))
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert (at / "_lease.json").exists()

    lake.run()

    assert ids(at) == ["e000001"]
    assert not (at / "_lease.json").exists()


def test_a_lease_is_given_back_when_a_run_fails(lake: Lake, landing, monkeypatch):
    drop(landing, "events/a.json", event(1))
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr(DeltaEngine, "append_batch", lambda *_: 1 / 0)
        lake.run()

    assert lake.run().files == 1


class NoLease:
    """A lease that locks nothing."""

    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> NoLease:
        return self

    def __exit__(self, *_: object) -> None: ...

    def check(self) -> None: ...


def at_once(*actions: Callable[[], object]) -> list[BaseException]:
    """Do all of it at the same time; what was raised."""
    raised: list[BaseException] = []

    def act(action: Callable[[], object]) -> None:
        try:
            action()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=act, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.fixture
def two(tmp_path: Path, landing: Path) -> list[Lake]:
    """Two writers of one lake, with files to ingest."""
    for number in range(6):
        drop(landing, f"events/{number}.json", *[event(number * 50 + each) for each in range(50)])
    return [lake_at(tmp_path / "lake", landing, tables=EVENTS, max_files_per_batch=3) for _ in range(2)]


def meeting(monkeypatch: pytest.MonkeyPatch, *lakes: Lake) -> list[Callable[[], object]]:
    """The runs of two lakes, each of which writes once the other has come as far, or was refused."""
    append_batch, arrived = DeltaEngine.append_batch, set[int]()

    def later(engine: DeltaEngine, *given: Any) -> Any:
        arrived.add(id(engine))
        until = time.monotonic() + 60
        while len(arrived) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        return append_batch(engine, *given)

    def run(lake: Lake) -> None:
        try:
            lake.run()
        finally:
            arrived.add(id(lake))

    monkeypatch.setattr(DeltaEngine, "append_batch", later)
    return [partial(run, lake) for lake in lakes]


def test_of_two_runs_at_once_one_is_refused_and_no_file_is_ingested_twice(two: list[Lake], at, monkeypatch):
    raised = at_once(*meeting(monkeypatch, *two))

    assert [type(error) for error in raised] == [LakeLockedError]
    assert set(Counter(row["path"] for row in listed(at, "ops/files")).values()) == {1}
    assert len(listed(at, "bronze/events_raw")) == len(set(ids(at))) == 300


@pytest.mark.slow
def test_without_the_lease_two_runs_do_meet(two: list[Lake], at, monkeypatch):
    monkeypatch.setattr(damaged_tail, "Lease", NoLease)

    raised = at_once(*meeting(monkeypatch, *two))

    ingested = Counter(row["path"] for row in listed(at, "ops/files") if row["state"] == "ingested")
    assert raised or set(ingested.values()) != {1}


def upserting(lake: Lake, *records: dict[str, Any]) -> Callable[[], object]:
    """Take records straight into silver.events, as a run does, through an engine and a session of its own."""
    engine = DeltaEngine(sail.session(), lake.settings.lake)
    raw_table, events = lake.catalog["events_raw"], lake.catalog["events"]
    rows = [("shop", json.dumps(record), "f", 1, None, None, "b000000009", None) for record in records]
    raw = engine.session.createDataFrame(rows, _ddl(raw_table))
    return lambda: engine.write(events, events(raw, feeds=lake.settings.feeds))


def _ddl(table: Any) -> str:
    return ", ".join(f"{column.name} {column.type}" for column in table.columns)


@pytest.mark.parametrize(
    "repeats",
    [pytest.param(range(20), marks=pytest.mark.sample), pytest.param(range(0), marks=pytest.mark.slow)],
    ids=["old and new ids", "new ids only"],
)
def test_two_upserts_at_once_where_a_lease_can_be_lost_lose_and_double_nothing(
    lake: Lake, landing, at, monkeypatch, repeats
):
    monkeypatch.setattr(PathTable, "is_single_writer", False)
    drop(landing, "events/a.json", *[event(number, event_ts="2026-03-02T10:00:00Z") for number in range(20)])
    lake.run()
    earlier = [event(number, event_ts="2026-03-02T09:00:00Z") for number in repeats]
    one = upserting(lake, *earlier[:12], *[event(number) for number in range(100, 140)])
    other = upserting(lake, *earlier[8:], *[event(number) for number in range(120, 160)])

    assert at_once(one, other) == []

    kept = {row["event_id"]: row["event_at"].hour for row in listed(at, "silver/events")}
    assert Counter(ids(at)) == Counter(kept.keys())
    assert kept.keys() == {f"e{number:06}" for number in (*range(20), *range(100, 160))}
    assert {hour for id, hour in kept.items() if id < "e000020"} == {9 if repeats else 10}


@pytest.mark.slow
def test_an_upsert_and_a_compaction_at_once_lose_nothing(lake: Lake, landing, at):
    for number in range(4):
        drop(landing, f"events/{number}.json", event(number))
        lake.run()
    later = upserting(lake, *[event(number, event_ts="2026-03-02T08:00:00Z") for number in range(8)])

    raised = at_once(later, lambda: DeltaTable(str(at / "silver/events")).optimize.compact())

    assert [error for error in raised if "conflict" not in str(error).lower()] == []
    assert ids(at) == [f"e{number:06}" for number in range(8)]


@pytest.mark.slow
def test_runs_of_two_lakes_at_once_in_one_process_keep_their_rows_apart(tmp_path, monkeypatch):
    both, commit = threading.Barrier(2, timeout=120), upsert_match.retry_on_conflict
    monkeypatch.setattr(upsert_match, "retry_on_conflict", lambda write: (both.wait(), commit(write))[1])
    lakes = {name: lake_at(tmp_path / name, tmp_path / f"from-{name}", tables=EVENTS) for name in ("one", "other")}
    for hour in (10, 9, 8):
        for name in lakes:
            events = [event(n, event_id=f"{name}-{n}", event_ts=f"2026-03-02T{hour:02}:00:00Z") for n in range(9)]
            drop(tmp_path / f"from-{name}", f"events/{hour}.json", *events)
        assert at_once(*[lake.run for lake in lakes.values()]) == []

    for name in lakes:
        kept = {(row["event_id"], row["event_at"].hour) for row in listed(tmp_path / name, "silver/events")}
        assert kept == {(f"{name}-{n}", 8) for n in range(9)}
