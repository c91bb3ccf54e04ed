from dataclasses import replace
from datetime import date

import pytest
from deltalake import DeltaTable
from sample_lake import SampleLake
from sample_tables import CATALOG, daily, latest, mark, marks, price, prices, prices_raw, totals, visits

from shoplake.engine.state.ops_tables import CHECKSUMS, TABLE_RUNS
from shoplake.engine.state.state_store import Offset
from shoplake.engine.write.modes.session_window import SessionWindowStrategy
from shoplake.errors import UnknownTableError


@pytest.fixture
def sample(spark, tmp_path):
    made = SampleLake(spark, tmp_path)
    made.drop("marks/a", mark("a"), mark("b", "2026-03-02T09:00:00Z", n=2))
    return made


class Watcher:
    """A listener that keeps what it is notified of."""

    def __init__(self):
        self.seen = []

    def started(self, table):
        self.seen.append(table)

    def finished(self, step):
        assert step.table in self.seen
        self.seen.append((step.table, step.result.rows_written))


@pytest.fixture(scope="module")
def watched(spark, tmp_path_factory):
    """A lake that ran once, the report, and what a listener was notified of; tests only read it."""
    made, watcher = SampleLake(spark, tmp_path_factory.mktemp("ran")), Watcher()
    made.drop("marks/a", mark("a"), mark("b", "2026-03-02T09:00:00Z", n=2))
    return made, made.run(watcher), watcher


@pytest.fixture
def template(watched):
    return watched[0]


@pytest.fixture
def ran(template, tmp_path):
    """The same after a run."""
    return template.copy(tmp_path)


def test_what_arrives_goes_through_all_tables_in_order(watched):
    sample, report, _ = watched

    done = [step.table.partition(".")[2] for step in report.tables]
    assert sorted(done) == sorted(table.name for table in CATALOG.ordered if "prices" not in table.name)
    for table in CATALOG.ordered:
        assert all(done.index(name) < done.index(table.name) for name in table.inputs if {name, table.name} <= {*done})
    assert (report.files, sample.rows(totals)) == (1, [("shop", 3)])
    assert sample.days() == {"2026-03-01": (1, None), "2026-03-02": (2, None)}


def test_a_second_run_writes_nothing_and_says_so(ran):
    before = ran.versions()

    report = ran.run()

    assert (report.files, report.tables, ran.versions()) == (0, [], before)


def test_a_run_without_files_leaves_empty_tables(sample):
    (sample.landing / "marks/a.json").unlink()

    report = sample.run()

    assert report.files == 0
    assert {table.name: sample.engine.row_count(table) for table in CATALOG.ordered} == dict.fromkeys(CATALOG, 0)


def test_only_the_days_that_a_new_file_touches_are_built_again(ran):
    since = ran.engine.version(daily)
    ran.drop("marks/b", mark("c", "2026-03-02T10:00:00Z", n=5))

    ran.run()

    assert ran.days() == {"2026-03-01": (1, None), "2026-03-02": (7, None)}
    assert ran.engine.commit_diff(daily, since).values("day") == {"2026-03-02"}


@pytest.mark.sample
def test_a_change_in_a_history_is_seen_on_all_days_from_it_on(sample):
    sample.drop("prices/a", price("x", "1.00", "2026-03-01"))
    sample.run()

    sample.drop("prices/b", price("y", "1.00", "2026-02-01"))
    sample.run()

    assert sample.days() == {"2026-03-01": (1, 2), "2026-03-02": (2, 2)}


def test_a_table_ingests_batch_after_batch_and_knows_how_far_it_is(sample):
    sample.settings = replace(sample.settings, max_files_per_batch=1)
    sample.drop("marks/b", mark("c"))

    sample.run()

    progress = sample.state.offsets()
    assert progress["marks", "marks_raw"] == progress["latest", "marks_raw"] == Offset("b000000002")
    assert progress["visits", "marks"] == Offset(version=sample.engine.version(marks))


@pytest.mark.slow
def test_progress_that_was_lost_repeats_work_and_changes_nothing(ran):
    rows = {table.name: ran.rows(table) for table in CATALOG.ordered}
    ran.state.commit_offsets({}, "r", None)

    ran.run()

    assert {table.name: ran.rows(table) for table in CATALOG.ordered} == rows
    assert ran.state.offsets()["marks", "marks_raw"] == Offset("b000000001")


@pytest.fixture
def failing(sample, monkeypatch):
    """A run that writes silver's streams and then fails."""

    def fail(*_):
        raise RuntimeError("oops")

    def run():
        with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="oops"):
            patch.setattr(SessionWindowStrategy, "write", fail)
            sample.run()

    return run


def test_what_was_committed_before_a_failure_is_not_done_again(sample, failing):
    sample.commit_interval_s = 0

    failing()

    assert ("marks", "marks_raw") in sample.state.offsets()
    assert "silver.marks" not in sample.wrote()
    assert sample.rows(totals) == [("shop", 3)]


def test_what_a_run_that_failed_had_written_is_done_again_and_changes_nothing(sample, failing):
    failing()
    before = sample.rows(marks)

    sample.run()

    assert (sample.rows(marks), sample.rows(totals)) == (before, [("shop", 3)])


@pytest.mark.slow
def test_files_that_a_run_wrote_before_it_failed_get_checksums_in_the_next(sample, failing):
    failing()
    sample.run()

    recorded = {row["file"] for row in sample.state.read(CHECKSUMS) if row["table"] == "silver.marks"}
    at = sample.engine.path(marks)
    assert {uri.removeprefix(f"{at}/") for uri in DeltaTable(at).file_uris()} <= recorded


def test_a_table_alone_is_brought_up_to_date_and_no_files_are_ingested(ran):
    ran.drop("marks/b", mark("c", n=5))

    assert ran.wrote(select="silver.marks") == []
    assert ran.rows(totals) == [("shop", 3)]
    assert "gold.totals" in ran.wrote()


def test_a_table_and_all_that_depends_on_it_are_built_again_in_full(ran):
    assert ran.wrote(select="gold.daily+", full_refresh=True) == ["gold.daily", "gold.totals"]


def test_a_table_that_is_not_declared_is_refused_before_anything_is_written(sample, tmp_path):
    with pytest.raises(UnknownTableError, match="Unknown table 'dayly'"):
        sample.run(select="dayly")

    assert not (tmp_path / "lake").exists()


@pytest.mark.sample
def test_a_full_run_builds_everything_again_to_the_same_rows(sample):
    sample.drop("prices/a", price("x", "1.00", "2026-03-01"))
    sample.run()
    rows = {table.name: sample.rows(table) for table in CATALOG.ordered}

    wrote = sample.wrote(full_refresh=True)

    assert set(wrote) == {table.qualified_name for table in CATALOG.ordered if table.layer != "bronze"}
    assert {table.name: sample.rows(table) for table in CATALOG.ordered} == rows


def test_days_are_built_again_and_the_others_are_not_touched(ran):
    before, rows = ran.versions(), {table.name: ran.rows(table) for table in CATALOG.ordered}

    ran.run(start=date(2026, 3, 2), end=date(2026, 3, 5))

    assert {table.name: ran.rows(table) for table in CATALOG.ordered} == rows
    for table in (marks, daily):
        assert ran.engine.commit_diff(table, before[table.name]).values("day") == {"2026-03-02"}
    assert ran.engine.version(visits) == before["visits"]  # no day's rows were others


@pytest.mark.sample
def test_what_supersedes_a_file_takes_the_place_of_its_records(sample):
    sample.settings = replace(sample.settings, on_changed_file="replace")
    sample.drop("prices/a", price("x", "1.00", "2026-03-01"))
    sample.run()
    sample.drop("marks/a", mark("b", "2026-03-02T09:00:00Z", n=7))
    sample.drop("prices/a", price("y", "1.00", "2026-03-01"), price("z", "1.00", "2026-03-01"))

    sample.run()

    assert sample.rows(marks, "id", "n") == sample.rows(latest, "id", "n") == [("b", 7)]
    assert sample.rows(prices, "thing") == [("y",), ("z",)]
    assert sample.days() == {"2026-03-02": (7, 2)}
    assert sample.engine.row_count(prices_raw) == 3


def test_a_watcher_sees_each_table_begin_and_end(watched):
    _, report, watcher = watched

    tables = sorted(step.table for step in report.tables)
    assert sorted(each for each in watcher.seen if isinstance(each, str)) == tables
    assert ("silver.marks", 2) in watcher.seen


def test_each_table_that_was_written_is_in_the_state_store_once_a_run(watched):
    sample, report, _ = watched

    reported = sorted((row["table"], row["run_id"], row["rows_total"]) for row in sample.state.read(TABLE_RUNS))
    assert reported == sorted((step.table, report.run_id, step.row_count) for step in report.tables)


def test_the_report_says_how_much_came_in_and_how_old_it_is(watched):
    sample, report, _ = watched

    file = (sample.landing / "marks/a.json").stat()
    assert (report.files, report.bytes) == (1, file.st_size)
    assert report.oldest_file_at.timestamp() == pytest.approx(file.st_mtime, abs=1e-5)
