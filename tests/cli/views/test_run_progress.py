import io
import json

import pytest
from rich.console import Console

from cli.conftest import shop_in
from shoplake import tables as declarations
from shoplake.cli.views.run_progress import Progress, summary
from shoplake.declare.catalog import Catalog
from shoplake.engine.protocol import WriteResult
from shoplake.pipeline.runner import RunResult, TableResult

STEP = TableResult("bronze.events_raw", WriteResult(1_000, 900, 60, 40), 0.5, 900, 1)


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
        watcher.finished(
            TableResult("gold.product_performance_daily", WriteResult(10**9, 10**9, 10**9, 10**9), 1.0, 1, 1)
        )
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
    summary(out, RunResult("r", files=3, bytes=2_500_000, tables=[STEP]), 2.0)
    assert "3 files, 2.5 MB, 1,000 events into 1 table in 2.0 s: 500 events/s" in out.file.getvalue()


def test_refused_files_are_loud_and_named(out):
    summary(out, RunResult("r", rejected=["shop: events/[a].json"]), 1.0)
    said = out.file.getvalue()
    assert "REFUSED 1" in said and "events/[a].json" in said and "Nothing new." in said


def test_unreadable_files_and_new_fields_are_loud_and_named(out):
    report = RunResult("r", unreadable=["shop: products/a.parquet (cut off)"], new_fields=["shop: events_raw.colour"])
    summary(out, report, 1.0)
    said = out.file.getvalue()
    assert "UNREADABLE 1: files cut off or damaged; they are looked at again when" in said
    assert "products/a.parquet (cut off)" in said
    assert "NEW FIELDS 1: kept in bronze" in said and "events_raw.colour" in said


def test_of_many_names_a_few_are_shown_and_the_rest_counted(out):
    summary(out, RunResult("r", rejected=[f"shop: {number}.json" for number in range(8)]), 1.0)
    said = out.file.getvalue()
    assert "REFUSED 8" in said and "4.json" in said and "5.json" not in said and "… and 3 more" in said


def test_a_run_that_took_no_files_says_how_many_tables_it_built(out):
    summary(out, RunResult("r", tables=[STEP]), 2.0)
    assert "No new files; 1 table in 2.0 s" in out.file.getvalue()


def test_run_prints_a_line_for_each_table(shoplake, first_run):
    for table in ("bronze.events_raw", "silver.events", "silver.customers", "gold.sales_daily"):
        [line] = [line for line in first_run.stdout.splitlines() if line.startswith(table + " ")]
        assert int(line.split()[1].replace(",", "")) > 0
    assert "shoplake quality --config" in first_run.stdout


def test_a_second_run_finds_nothing_new(shoplake, lake):
    assert "Nothing new." in shoplake("run", "--config", lake).stdout
    assert json.loads(shoplake("run", "--config", lake, "--json").stdout)["tables"] == []


def test_what_a_run_did_not_take_is_in_its_json(shoplake, shop):
    events, products = (shop.parent / "landing" / name for name in ("events", "products"))
    (events / "new.json").write_text('{"event_id": "e", "colour": "red"}')
    (products / "cut.parquet").write_bytes(b"PAR1 and no more")
    said = json.loads(shoplake("run", "--config", shop, "--json").stdout)
    assert said["new_fields"] == ["shop: events_raw.colour"]
    assert [name.split(" ")[1] for name in said["unreadable"]] == ["products/cut.parquet"]
    again = json.loads(shoplake("run", "--config", shop, "--json").stdout)
    assert (again["new_fields"], again["unreadable"], again["tables"]) == ([], [], [])


@pytest.fixture(scope="module")
def own(tmp_path_factory, shoplake):
    """A lake that these tests may build again."""
    config = shop_in(tmp_path_factory.mktemp("own"), shoplake)
    shoplake("run", "--config", config)
    return config


def test_a_full_run_builds_all_but_bronze_again(shoplake, own):
    tables = built(shoplake("run", "--full-refresh", "--config", own, "--json"))
    declared = Catalog.from_package(declarations).ordered
    assert set(tables) == {table.qualified_name for table in declared if table.layer != "bronze"}


def test_days_are_built_again(shoplake, own):
    tables = built(shoplake("run", "--start", "2026-03-02", "--end", "2026-03-03", "--config", own, "--json"))
    assert {"silver.events", "silver.sessions", "gold.funnel_daily"} <= tables.keys()
    assert (
        0
        < tables["silver.events"]
        < built(shoplake("run", "--full-refresh", "--config", own, "--json"))["silver.events"]
    )


def test_only_one_table_is_built_and_with_a_plus_those_made_from_it(shoplake, own):
    one, more = (built(shoplake("run", "--full-refresh", "--select", name, "--config", own, "--json")) for name in ONLY)
    assert list(one) == ["silver.order_lines"]
    assert more.keys() > {"silver.order_lines", "gold.sales_daily"} and "silver.events" not in more


ONLY = ("order_lines", "silver.order_lines+")


def built(result):
    return {table["table"]: table["rows_written"] for table in json.loads(result.stdout)["tables"]}
