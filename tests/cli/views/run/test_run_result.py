import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from shoplake.cli.views.run.run_result import RunResultView
from shoplake.engine.protocol import WriteResult
from shoplake.pipeline.runner import RunResult, TableResult
from shoplake.project.project import Project
from shoplake.quality.gates import Stop
from shoplake.quality.quarantine_warnings import QuarantineWarning

STEP = TableResult("bronze.events_raw", WriteResult(1_000, 900, 60, 40), 0.5, 900, 1)


def rendered(result: RunResult, duration_s: float = 1.0) -> str:
    console = Console(file=io.StringIO(), width=80, markup=False)
    RunResultView(result, duration_s).render(console)
    return console.file.getvalue()


def test_the_summary_counts_files_bytes_and_speed():
    output = rendered(RunResult("r", files=3, bytes=2_500_000, tables=[STEP]), 2.0)
    assert "3 files, 2.5 MB, 1,000 records into 1 table in 2.0 s: 500 records/s" in output


def test_a_speed_of_less_than_a_record_a_second_is_left_out():
    step = TableResult("bronze.events_raw", WriteResult(1, 1), 0.5, 900, 1)

    assert rendered(RunResult("r", files=1, bytes=100, tables=[step]), 3.0).splitlines()[-1].endswith("in 3.0 s")


def test_the_summary_counts_the_records_of_every_stream():
    rates = TableResult("bronze.exchange_rates_raw", WriteResult(2, 2), 0.5, 2, 1)
    orders = TableResult("bronze.orders_raw", WriteResult(30, 30), 0.5, 30, 1)
    output = rendered(RunResult("r", files=4, bytes=0, tables=[rates, STEP, STEP, orders]))
    assert "Records read: 2,000 of events, 30 of orders, 2 of exchange rates." in output
    assert "2,032 records into 3 tables" in output


def test_a_table_with_many_quarantined_rows_is_one_line_with_rule_and_examples():
    warning = QuarantineWarning("silver.events", 2_000, 240, "price_fits_type", 200, ('"abc"', '"n/a"', '"-"'))
    output = rendered(RunResult("r", warnings=[warning]))
    line = 'WARN silver.events: 12.0 % quarantined (240 of 2,000), price_fits_type: "abc", "n/a", "-"'
    assert line in output.splitlines()


def test_rows_of_orders_that_came_again_are_counted():
    counts = WriteResult(rows_read=9, rows_written=4, rows_superseded=2, rows_replaced=3, rows_outdated=3)
    tables = [STEP, replace(STEP, table="silver.order_lines", result=counts)]

    output = rendered(RunResult("r", tables=tables))

    assert "Replaced by later versions: 5 rows of silver.order_lines. An order is taken" in output
    assert "Replaced" not in rendered(RunResult("r", tables=[STEP]))


def test_rows_of_a_table_that_is_rebuilt_are_not_said_to_be_outdated():
    rebuilt = replace(STEP, table="gold.sales_daily", result=WriteResult(30, 30, rows_replaced=29))

    assert "Replaced" not in rendered(RunResult("r", tables=[rebuilt]))


def test_rejected_files_are_named():
    output = rendered(RunResult("r", rejected=["shop: events/[a].json"]))
    assert "REJECTED 1" in output and "events/[a].json" in output and "Nothing new." in output


def test_unreadable_files_and_new_fields_are_named():
    result = RunResult("r", unreadable=["shop: products/a.parquet (cut off)"], new_fields=["shop: events_raw.colour"])
    output = rendered(result)
    assert "UNREADABLE 1: files that are truncated or damaged, or cannot be opened. A later run reads" in output
    assert "products/a.parquet (cut off)" in output
    assert "NEW FIELDS 1: unknown fields, kept in bronze only" in output and "events_raw.colour" in output


def test_columns_of_one_name_are_named_with_what_to_do():
    output = rendered(RunResult("r", duplicate_columns=["shop: a.csv has 2 columns 'total'"]))
    assert "DUPLICATE COLUMNS 1: one field, several columns." in output and "declare header=False, skip=1" in output
    assert "  shop: a.csv has 2 columns 'total'" in output


def test_misread_files_are_named_with_what_to_do():
    output = rendered(RunResult("r", misread=["shop: a.csv has another delimiter. Declare delimiter=…."]))
    assert "MISREAD 1: files that do not fit their stream's options. What is not read as meant" in output
    assert "a.csv has another delimiter. Declare delimiter=…." in output


def test_files_that_no_stream_reads_are_named():
    output = rendered(RunResult("r", unmatched=["shop: order/b.json"]))
    assert "UNMATCHED 1: files that no stream" in output and "order/b.json" in output


def test_records_that_wait_for_another_file_are_counted_by_table():
    output = rendered(RunResult("r", waiting={"silver.order_lines": 1200}))
    assert "WAITING 1,200: records that wait for a record of another file" in output
    assert "  silver.order_lines: 1,200" in output


def test_of_many_names_a_few_are_shown_and_the_others_counted():
    output = rendered(RunResult("r", rejected=[f"shop: {number}.json" for number in range(8)]))
    assert "REJECTED 8" in output and "4.json" in output and "5.json" not in output and "… and 3 more" in output


def test_a_run_without_files_counts_the_tables_it_built():
    assert "No new files; 1 table in 2.0 s" in rendered(RunResult("r", tables=[STEP]), 2.0)


def test_run_prints_a_line_for_each_table(shoplake, first_run):
    for table in ("bronze.events_raw", "silver.events", "silver.customers", "gold.sales_daily"):
        [line] = [line for line in first_run.stdout.splitlines() if line.startswith(table + " ")]
        assert int(line.split()[1].replace(",", "")) > 0
    assert "shoplake quality --config" in first_run.stdout


def test_a_second_run_has_nothing_to_do(shoplake, lake):
    assert "Nothing new." in shoplake("run", "--config", lake).stdout
    assert json.loads(shoplake("run", "--config", lake, "--json").stdout)["tables"] == []


@pytest.mark.slow
def test_files_and_fields_that_need_attention_are_in_the_json(shoplake_of_files, shop):
    events, products = (shop.parent / "landing" / name for name in ("events", "products"))
    (events / "new.json").write_text('{"event_id": "e", "colour": "red"}')
    (products / "cut.parquet").write_bytes(b"PAR1 and no more")
    result = json.loads(shoplake_of_files("run", "--config", shop, "--json").stdout)
    assert result["new_fields"] == ["shop: events_raw.colour"]
    assert [name.split(" ")[1] for name in result["unreadable"]] == ["products/cut.parquet"]
    again = json.loads(shoplake_of_files("run", "--config", shop, "--json").stdout)
    assert (again["new_fields"], again["unreadable"], again["tables"]) == ([], [], [])


@pytest.fixture(scope="module")
def own(tmp_path_factory, copy_lake):
    """A lake that these tests may rebuild."""
    return copy_lake(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def full(shoplake, own):
    """The rows of each table that a full refresh of that lake wrote."""
    return rows_written(shoplake("run", "--full-refresh", "--config", own, "--json"))


def test_a_full_refresh_rebuilds_all_but_bronze(full):
    declared = Project().catalog.ordered
    no_files = {"silver.exchange_rates", "silver.ad_costs"}  # the shop sends neither
    assert set(full) == {table.qualified_name for table in declared if table.layer != "bronze"} - no_files


@pytest.mark.slow
def test_a_range_of_days_is_rebuilt(shoplake, own, full):
    days = ("--start", "2026-03-02", "--end", "2026-03-03")
    some = rows_written(shoplake("run", *days, "--config", own, "--json"))
    assert {"silver.events", "silver.sessions", "gold.funnel_daily"} <= some.keys()
    assert 0 < some["silver.events"] < full["silver.events"]


@pytest.mark.slow
def test_select_builds_one_table_and_with_a_plus_its_downstream_tables(shoplake, own):
    one, more = (
        rows_written(shoplake("run", "--full-refresh", "--select", name, "--config", own, "--json"))
        for name in ("order_lines", "silver.order_lines+")
    )
    assert list(one) == ["silver.order_lines"]
    assert more.keys() > {"silver.order_lines", "gold.sales_daily"} and "silver.events" not in more


def rows_written(result):
    return {table["table"]: table["rows_written"] for table in json.loads(result.stdout)["tables"]}


def test_a_stopped_table_says_why_what_is_not_built_and_what_to_do():
    names = tuple(f"gold.t{number}" for number in range(7))
    stop = Stop("silver.events", "event_name_known", 2_000, 240, 0.05, names)
    lines = rendered(RunResult("r", stops=[stop])).splitlines()

    assert lines[0] == (
        "STOP silver.events: 12.0 % violate event_name_known (240 of 2,000), more than 5.0 %. "
        "Readers keep the old rows."
    )
    assert lines[1] == "  not built: gold.t0, gold.t1, gold.t2, gold.t3, gold.t4 and 2 more"
    assert 'run --accept silver.events.event_name_known --because "…"' in lines[2]


def test_the_command_that_accepts_a_stop_names_the_settings_file(monkeypatch):
    monkeypatch.setattr("shoplake.cli.console._program", lambda: "shoplake")
    console, stop = Console(file=io.StringIO(), width=80, markup=False), Stop("silver.events", "rule", 9, 9, 0.5)

    RunResultView(RunResult("r", stops=[stop]), 1.0, config=Path("/srv/shop/shoplake.toml")).render(console)

    accept = 'shoplake run --config /srv/shop/shoplake.toml --accept silver.events.rule --because "…"'
    assert accept in console.file.getvalue()


def test_a_stop_is_part_of_the_json():
    stop = Stop("silver.events", "event_name_known", 2_000, 240, 0.05, ("gold.a",))
    assert RunResultView(RunResult("r", stops=[stop]), 1.0).to_json()["stops"] == [
        {
            "table": "silver.events",
            "rule": "event_name_known",
            "rows_read": 2_000,
            "rows_violating": 240,
            "stop_above": 0.05,
            "not_built": ("gold.a",),
            "measured": (),
            "is_known": False,
        }
    ]
