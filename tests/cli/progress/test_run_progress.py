import io

import pytest
from rich.console import Console

from shoplake.cli.progress.run_progress import RunProgressView
from shoplake.engine.protocol import WriteResult
from shoplake.pipeline.runner import TableResult

STEP = TableResult("bronze.events_raw", WriteResult(1_000, 900, 60, 40), 0.5, 900, 1)


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=80, markup=False)


def test_off_a_terminal_a_table_is_one_plain_line(console):
    with RunProgressView(console) as progress:
        progress.started(STEP.table)
        progress.finished(STEP)
    header, line = console.file.getvalue().splitlines()
    assert header.split() == ["table", "rows", "read", "written", "quarantined", "duplicates", "duration"]
    assert line.split() == ["bronze.events_raw", "1,000", "900", "60", "40", "0.50", "s"]
    assert len(header) == len(line) == 80


def test_large_numbers_stay_apart(console):
    with RunProgressView(console) as progress:
        progress.started(STEP.table)
        progress.finished(
            TableResult("gold.product_performance_daily", WriteResult(10**9, 10**9, 10**9, 10**9), 1.0, 1, 1)
        )
    assert console.file.getvalue().split().count("1,000,000,000") == 4


def test_on_a_terminal_the_table_in_progress_is_shown():
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with RunProgressView(console) as progress:
        progress.started("silver.events")
    assert "silver.events" in console.file.getvalue()


def test_a_quiet_run_prints_nothing(console):
    with RunProgressView(console, quiet=True) as progress:
        progress.started(STEP.table)
        progress.finished(STEP)
    assert console.file.getvalue() == ""
