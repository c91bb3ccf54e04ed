import io

import pytest
from rich.console import Console

from shoplake.engine.protocol import Written
from shoplake.run import Report, Step
from shoplake.terminal.progress import Progress, summary

STEP = Step("bronze.events_raw", Written(1_000, 900, 60, 40), 0.5, 900, 1)


@pytest.fixture
def out() -> Console:
    return Console(file=io.StringIO(), width=80, markup=False)


def test_off_a_terminal_a_table_is_one_plain_line(out):
    with Progress(out) as watcher:
        watcher.started(STEP.table)
        watcher.finished(STEP)
    header, line = out.file.getvalue().splitlines()
    assert line.split() == ["bronze.events_raw", "1,000", "900", "60", "40", "0.50"]
    assert len(header) == len(line) == 80


def test_large_numbers_stay_apart(out):
    with Progress(out) as watcher:
        watcher.started(STEP.table)
        watcher.finished(Step("gold.product_performance_daily", Written(10**9, 10**9, 10**9, 10**9), 1.0, 1, 1))
    assert out.file.getvalue().split().count("1,000,000,000") == 4


def test_on_a_terminal_the_table_in_work_is_seen():
    out = Console(file=io.StringIO(), force_terminal=True, width=80)
    with Progress(out) as watcher:
        watcher.started("silver.events")
    assert "silver.events" in out.file.getvalue()


def test_a_quiet_run_prints_nothing(out):
    with Progress(out, quiet=True) as watcher:
        watcher.started(STEP.table)
        watcher.finished(STEP)
    assert out.file.getvalue() == ""


def test_the_summary_counts_files_bytes_and_speed(out):
    summary(out, Report("r", files=3, bytes=2_500_000, steps=[STEP]), 2.0)
    assert "3 files, 2.5 MB, 1,000 events into 1 tables in 2.0 s: 500 events/s" in out.file.getvalue()


def test_refused_files_are_loud_and_named(out):
    summary(out, Report("r", refused=["shop: events/[a].json"]), 1.0)
    said = out.file.getvalue()
    assert "REFUSED 1" in said and "events/[a].json" in said and "Nothing new." in said
