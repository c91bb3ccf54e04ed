from datetime import UTC, datetime

import pytest
from rich.console import Console

from shoplake.cli.views.export import ExportProgressView, ExportView
from shoplake.serve.export.export import ExportResult
from shoplake.serve.export.manifest import ExportedTable, Manifest
from shoplake.serve.store.finished_run import FinishedRun

AT = datetime(2026, 3, 2, 6, tzinfo=UTC)
CUT = ExportedTable("gold.events", 4, 1_048_575, "One row per event.", (), is_truncated=True, duration_s=2.5)
RESULT = ExportResult("xlsx", "shop.xlsx", Manifest(FinishedRun("run1", AT, {}), AT, [CUT]), ("A remark.",))


@pytest.fixture
def console():
    return Console(width=200, record=True, markup=False, highlight=False)


def test_a_written_table_is_a_line_below_the_header(console):
    with ExportProgressView(console) as progress:
        progress.written(CUT)
        progress.written(CUT)

    header, line, again = console.export_text().splitlines()
    assert header.split() == ["table", "rows", "version", "duration"]
    assert line.split() == ["gold.events", "1,048,575", "4", "2.50", "s"] == again.split()


def test_a_quiet_progress_prints_nothing(console):
    with ExportProgressView(console, quiet=True) as progress:
        progress.written(CUT)

    assert console.export_text() == ""


def test_the_result_says_what_is_cut_off_and_what_remains(console):
    ExportView(RESULT).render(console)

    text = console.export_text()
    assert "1 table with 1,048,575 rows in shop.xlsx (xlsx), as of the run of 2026-03-02 06:00 UTC." in text
    assert "gold.events is cut off: the format holds 1,048,575 rows." in text and "A remark." in text
