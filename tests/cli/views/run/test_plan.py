import json
from datetime import date

import pytest
from rich.console import Console

from shoplake.cli.views.run.plan import PlanView
from shoplake.engine.state.state_store import Offset
from shoplake.engine.write.table_plan import (
    Batches,
    DateRange,
    FeedPartitions,
    FullRefresh,
    InputRange,
    Partitions,
    PendingFiles,
    Rows,
    RunPlan,
    Sessions,
    TablePlan,
)

DAYS = [f"2026-03-{day:02}" for day in range(1, 6)]
PLAN = RunPlan(
    (PendingFiles("events_raw", 2, 1_000),),
    (
        TablePlan(
            "silver.events",
            (Batches(("b000000002",)),),
            (InputRange("events_raw", Offset("b000000001"), Offset("b000000002")),),
            "There is 1 new batch of events_raw.",
        ),
        TablePlan(
            "gold.sales_daily",
            (Partitions(frozenset(DAYS)),),
            (InputRange("order_lines", Offset(version=3), Offset(version=5)),),
            "order_lines changed.",
        ),
        TablePlan("gold.carts", depends_on=("silver.events",), reason="After silver.events: all rows."),
        TablePlan("silver.products", reason="No input has changed."),
    ),
)


def rendered(plan):
    console = Console(width=200)
    with console.capture() as output:
        PlanView(plan).render(console)
    return output.get()


def test_each_table_is_a_line_with_what_is_built_from_where_and_why():
    lines = rendered(PLAN).splitlines()

    def line(table):
        return " ".join(next(each for each in lines if table in each).split())

    assert "bronze.events_raw 2 1,000" in line("bronze.events_raw")
    assert "batch b000000002 events_raw b000000001 → b000000002 There is 1 new batch" in line("silver.events ")
    assert "5 partitions: 2026-03-01, 2026-03-02, 2026-03-03, … order_lines v3 → v5" in line("gold.sales_daily")
    assert "what changes After silver.events: all rows." in line("gold.carts")
    assert "nothing No input has changed." in line("silver.products")
    assert "nothing was written" in lines[-1]


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (FullRefresh(), "full refresh"),
        (Batches(("b1", "b2", "b3")), "batches b1 to b3"),
        (Rows(7), "rows since version 7"),
        (Sessions(7, "day"), "sessions since version 7"),
        (DateRange(date(2026, 3, 1)), "dates 2026-03-01 to …"),
        (FeedPartitions(("web",), FullRefresh()), "feed web"),
    ],
)
def test_each_action_has_words(action, text):
    assert text in rendered(RunPlan((), (TablePlan("silver.events", (action,)),)))


def test_a_plan_without_work_says_so():
    assert "Nothing to do" in rendered(RunPlan((), (TablePlan("silver.events"),)))


def test_a_plan_is_plain_values_in_json():
    data = json.loads(json.dumps(PlanView(PLAN).to_json()))

    assert data["files"] == [{"table": "events_raw", "files": 2, "bytes": 1_000}]
    assert data["tables"][1] == {
        "table": "gold.sales_daily",
        "actions": [{"kind": "partitions", "values": DAYS}],
        "inputs": [{"table": "order_lines", "from": 3, "to": 5}],
        "depends_on": [],
        "reason": "order_lines changed.",
    }
    assert data["tables"][2]["depends_on"] == ["silver.events"]


def test_a_dry_run_of_a_new_shop_builds_everything_and_writes_nothing(shop, shoplake):
    before = sorted(shop.parent.rglob("*"))

    result = shoplake("run", "--dry-run", "--json", "--config", shop)

    plan = json.loads(result.stdout)
    assert {table["reason"] for table in plan["tables"]} == {"It is not built yet."}
    assert {each["table"] for each in plan["files"]} >= {"events_raw", "orders_raw"}
    assert sorted(shop.parent.rglob("*")) == before


def test_a_dry_run_of_an_up_to_date_lake_has_nothing_to_do(lake, shoplake):
    assert "Nothing to do" in shoplake("run", "--dry-run", "--config", lake).stdout


def test_a_dry_run_plans_one_run(lake, shoplake):
    result = shoplake("run", "--dry-run", "--watch", "--config", lake)

    assert (result.exit_code, "Leave out --watch" in result.stderr) == (2, True)
