import json
import threading
import time
from functools import partial

import pytest

from shoplake.declare import Append, Replace, col, table
from shoplake.declare.catalog import Catalog
from shoplake.errors import EngineMemoryError
from shoplake.pipeline.run_result import RunResult
from shoplake.pipeline.scheduler import QUIET_S, WatchPace, run_topologically


class Sample:
    def __init__(self, name, *inputs):
        self.name, self.inputs = name, inputs


TABLES = [
    Sample("raw"),
    Sample("events", "raw"),
    Sample("orders", "raw"),
    Sample("visits", "events"),
    Sample("all", "visits", "orders"),
]


class Bringing:
    """Records the start and end of each table, and how many ran at once."""

    def __init__(self, fails=None):
        self.fails, self.reported, self.in_work, self.most = fails, [], 0, 0
        self._lock = threading.Lock()

    def __call__(self, table):
        with self._lock:
            self.reported.append(f"begin {table.name}")
            self.in_work += 1
            self.most = max(self.most, self.in_work)
        time.sleep(0.02)
        with self._lock:
            self.in_work -= 1
            self.reported.append(f"end {table.name}")
        if table.name == self.fails:
            raise RuntimeError(table.name)


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_table_is_begun_when_all_that_it_reads_are_done(at_once):
    seen = Bringing()

    run_topologically(TABLES, seen, at_once)

    for each in TABLES:
        for name in each.inputs:
            assert seen.reported.index(f"end {name}") < seen.reported.index(f"begin {each.name}")
    assert len(seen.reported) == 2 * len(TABLES)


@pytest.mark.parametrize("at_once", [1, 2])
def test_as_many_tables_as_allowed_run_at_once(at_once):
    seen = Bringing()

    run_topologically(TABLES, seen, at_once)

    assert seen.most == at_once


def test_what_is_not_among_them_is_not_waited_for():
    seen = Bringing()

    run_topologically(TABLES[3:], seen, 2)

    assert seen.reported == ["begin visits", "end visits", "begin all", "end all"]


def test_the_first_error_ends_it_when_running_tables_are_done():
    seen = Bringing(fails="events")

    with pytest.raises(RuntimeError, match="events"):
        run_topologically(TABLES, seen, 2)

    assert seen.in_work == 0
    assert "begin visits" not in seen.reported and "begin all" not in seen.reported


@pytest.mark.parametrize(
    "idle", [{"raw"}, {"raw", "events", "orders"}, {"orders", "all"}, {each.name for each in TABLES}]
)
def test_a_table_without_anything_to_do_is_updated_in_order_and_without_another_thread(idle):
    seen, threads = Bringing(), {}

    def update(table):
        threads[table.name] = threading.current_thread()
        seen(table)

    run_topologically(TABLES, update, 2, lambda table: table.name in idle)

    assert {name for name, thread in threads.items() if thread is threading.current_thread()} == idle
    for each in TABLES:
        for name in each.inputs:
            assert seen.reported.index(f"end {name}") < seen.reported.index(f"begin {each.name}")
    assert len(seen.reported) == 2 * len(TABLES)


def test_an_error_of_a_table_without_anything_to_do_ends_it_too():
    seen = Bringing(fails="events")

    with pytest.raises(RuntimeError, match="events"):
        run_topologically(TABLES, seen, 2, lambda table: table.name == "events")

    assert seen.in_work == 0 and "begin visits" not in seen.reported


class ShortOfMemory(Bringing):
    """Raises EngineMemoryError for `orders` while `events` runs beside it, which waits for it, or always."""

    def __init__(self, *, always=False):
        super().__init__()
        self.always, self.calls, self.both = always, 0, threading.Barrier(2)

    def __call__(self, table):
        super().__call__(table)
        if table.name == "events":
            self.both.wait(10)
        if table.name != "orders":
            return
        self.calls += 1
        if self.calls == 1:
            self.both.wait(10)
        if self.calls == 1 or self.always:
            raise EngineMemoryError("Resources exhausted")


def test_a_table_that_lacks_memory_beside_another_is_built_again_alone():
    seen = ShortOfMemory()

    run_topologically(TABLES, seen, 2)

    again = [index for index, each in enumerate(seen.reported) if each == "begin orders"]
    assert len(again) == 2 and seen.reported[again[1] + 1] == "end orders"
    assert seen.reported.index("begin all") > again[1] and seen.reported.count("begin visits") == 1


def test_a_table_that_lacks_memory_alone_ends_the_run():
    seen = ShortOfMemory(always=True)

    with pytest.raises(EngineMemoryError, match="memory_limit"):
        run_topologically(TABLES, seen, 2)

    assert seen.reported.count("begin orders") == 2 and "begin all" not in seen.reported


COLUMNS = [col("feed", "string", "The feed")]


@table("bronze", columns=COLUMNS, write=Append())
def raw():
    """One row per record."""


@table("gold", columns=COLUMNS, write=Replace(), watch_interval="2 minutes")
def slow(raw):
    """One row per feed."""


@table("gold", columns=COLUMNS, write=Replace())
def quick(raw):
    """One row per feed."""


class Watch:
    """Runs at given seconds with a number of new files; `updated` says whether the slow table was, each time."""

    def __init__(self):
        self.now = 0.0
        self.updated = []
        self._files = 0
        catalog = Catalog([raw, slow, quick])
        self.pace = WatchPace(catalog, lambda: self.now)
        self._run = partial(self.pace.update, lambda selection: self._update(catalog, selection))

    def _update(self, catalog, selection):
        names = [each.name for each in selection.tables(catalog)]
        assert "quick" in names
        self.updated.append("slow" in names)
        return RunResult("run", files=self._files)

    def run(self, at, files=1):
        self.now, self._files = at, files
        self._run()
        return self.updated[-1]


def test_a_table_with_an_interval_waits_for_it_while_files_keep_coming():
    watch = Watch()

    assert [watch.run(second) for second in range(0, 130, 5)] == [second in (0, 120) for second in range(0, 130, 5)]


def test_no_table_waits_once_no_file_has_come_for_a_while():
    watch = Watch()
    watch.run(0)

    assert [watch.run(1 + each, files=0) for each in (1, QUIET_S - 2, QUIET_S)] == [False, False, True]


def test_a_watch_that_goes_on_in_a_new_process_keeps_its_pace():
    before, after = Watch(), Watch()
    assert [before.run(second) for second in range(0, 55, 5)] == [second == 0 for second in range(0, 55, 5)]
    after.now = 55
    after.pace.resume(json.loads(json.dumps(before.pace.to_json())))

    assert [after.run(second) for second in range(55, 130, 5)] == [second == 120 for second in range(55, 130, 5)]


def test_the_quiet_before_and_after_a_new_process_began_counts_as_one():
    before, after = Watch(), Watch()
    before.run(0)
    before.run(5)
    before.now = 5 + 6
    after.now = 30
    after.pace.resume(before.pace.to_json())

    assert [after.run(30 + 3, files=0), after.run(30 + QUIET_S - 6, files=0)] == [False, True]


def test_the_first_run_of_a_new_process_waits_for_the_interval():
    pace, stop = WatchPace(Catalog([raw])), threading.Event()
    pace.began_at = time.monotonic()
    began = pace.began_at

    runs = pace.repeat(lambda selection: RunResult("run"), stop, 0.3)
    next(runs)

    assert time.monotonic() - began >= 0.3


def test_a_table_waits_again_after_it_has_been_updated_in_the_quiet():
    watch = Watch()
    watch.run(0)
    watch.run(50)
    watch.run(70, files=0)
    watch.run(100)

    assert [watch.run(104), watch.run(108 + 2 * QUIET_S, files=0)] == [False, True]
