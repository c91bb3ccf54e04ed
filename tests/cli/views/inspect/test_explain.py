import json
from datetime import UTC, datetime

from shoplake.cli.views.inspect.explain import find_last_run, summarize_plan

PLAN = """== Physical Plan ==
ProjectionExec: expr=[#1@0 as feed]
  HashJoinExec: mode=CollectLeft, join_type=Right, on=[(#1@0, #2@0)]
    SortExec: expr=[#1@0 ASC]
      RepartitionExec: partitioning=Hash([#1@0], 2), input_partitions=2
        DataSourceExec: file_groups={1 group: [[lake/silver/products/a.parquet]]}, file_type=parquet
    DataSourceExec: file_groups={1 group: [[lake/silver/events/b.parquet]]}, predicate=NOT x@1 AND NOT x@2, \
pruning_predicate=x@1 = true""".replace("\\\n", "")


ON_SPARK = """== Physical Plan ==
AdaptiveSparkPlan isFinalPlan=false
+- BroadcastHashJoin [feed#1], [_feed#2], LeftOuter, BuildRight, false
   :- *(1) Sort [at#3 ASC NULLS FIRST], false, 0
   :  +- Exchange hashpartitioning(feed#1, 2), ENSURE_REQUIREMENTS, [plan_id=7]
   :     +- FileScan parquet [feed#1] Batched: true, Format: Parquet, Location: PreparedDeltaFileIndex(1 paths)\
[file:/lake/silver/events], PartitionFilters: [(event_date#4 = 1)], PushedFilters: [IsNotNull(n)], ReadSchema: struct<>
   +- BroadcastExchange HashedRelationBroadcastMode(List(input[0])), [plan_id=9]
      +- FileScan parquet [feed#2] Batched: true, Location: PreparedDeltaFileIndex(1 paths)\
[file:/lake/silver/products], PartitionFilters: [], PushedFilters: [], ReadSchema: struct<feed:string>""".replace(
    "\\\n", ""
)


def run(run_id, table, seconds, at):
    started_at = datetime(2026, 3, at, tzinfo=UTC)
    counts = {"rows_read": 10, "rows_written": 9, "version": at}
    return {"run_id": run_id, "table": table, "duration_s": seconds, "run_started_at": started_at, **counts}


def test_the_summary_counts_joins_exchanges_and_sorts():
    plan = summarize_plan(PLAN)
    assert plan["joins"] == {"HashJoinExec": 1}
    assert (plan["exchanges"], plan["sorts"]) == ({"RepartitionExec": 1}, {"SortExec": 1})


def test_the_summary_lists_scans_with_the_pushed_predicate():
    assert summarize_plan(PLAN)["scans"] == [
        {"table": "silver.products", "predicate": None},
        {"table": "silver.events", "predicate": "NOT x"},
    ]


def test_a_plan_of_spark_has_the_same_summary():
    plan = summarize_plan(ON_SPARK)
    assert plan["joins"] == {"BroadcastHashJoin": 1} and plan["sorts"] == {"Sort": 1}
    assert plan["exchanges"] == {"Exchange hashpartitioning": 1, "BroadcastExchange": 1}
    assert plan["scans"] == [
        {"table": "silver.events", "predicate": "(event_date = 1) AND IsNotNull(n)"},
        {"table": "silver.products", "predicate": None},
    ]


def test_the_last_run_is_the_newest_that_wrote_the_table_with_its_share():
    rows = [run("a", "t", 5.0, 1), run("b", "t", 1.0, 2), run("b", "t", 1.0, 2), run("b", "u", 6.0, 2)]
    last = find_last_run([*rows, run("c", "u", 1.0, 3)], "t")
    assert (last["run_id"], last["rows_read"], last["duration_s"], last["share"]) == ("b", 20, 2.0, 0.25)


def test_a_table_that_no_run_wrote_has_no_last_run():
    assert find_last_run([run("a", "t", 5.0, 1)], "u") is None


def test_explain_shows_the_last_run_and_the_plan(shoplake, lake):
    output = shoplake("explain", "gold.sales_daily", "--config", lake).stdout
    assert "of the run" in output and "exchanges" in output and "== Physical Plan ==" in output
    assert "silver.order_lines" in output
    assert json.loads(shoplake("explain", "sales_daily", "--config", lake, "--json").stdout)["plan"]["scans"]


def test_bronze_has_no_plan(shoplake, lake):
    assert "there is no plan" in shoplake("explain", "bronze.events_raw", "--config", lake).stdout


def test_explain_of_an_unknown_table_names_the_nearest(shoplake, lake):
    result = shoplake("explain", "gold.sale_daily", "--config", lake)
    assert result.exit_code == 1 and "Did you mean 'gold.sales_daily'?" in result.stderr
