import ast
import json
import os
import re
import subprocess
from pathlib import Path
from shlex import quote
from types import SimpleNamespace

import pytest

from shoplake.deploy.generated_files import write_generated
from shoplake.deploy.orchestrators.dagster_definitions import FILE, dagster_files
from shoplake.lake import Lake
from shoplake.quality.gates import GateResult, Stop

from ..environments import make_environment

REQUIREMENTS = Path(__file__).with_name("dagster.txt")
GRAPH = """
import json
from definitions import defs
graph = defs.resolve_asset_graph()
text = lambda key: key.to_user_string()
edges = {text(key): sorted(map(text, graph.get(key).parent_keys)) for key in graph.get_all_asset_keys()}
zone = defs.schedules[0].execution_timezone
print(json.dumps({"edges": edges, "checks": len(graph.asset_check_keys), "zone": zone}))
"""


def test_the_module_has_the_schedule_and_finds_the_settings(job, project):
    [text] = dagster_files(job, project.parent / "jobs").values()

    assert {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)} >= {
        "../shoplake.toml",
        "0 3 * * *",
        "Europe/London",
    }


BY_RULE = Stop("silver.events", "price_fits_type", 200, 30, 0.05)
BY_GATE = Stop(
    "silver.orders",
    "rows_like_history",
    0,
    0,
    0.0,
    measured=(GateResult("silver.orders", "rows_like_history", "shop 2026-03-27", 0.0, 20.0, 60.0, "stop"),),
)


@pytest.fixture
def parts(job, project):
    """The functions of the module, without Dagster, and the statement that fails a run with stops."""
    [text] = dagster_files(job, project.parent / "jobs").values()
    nodes = [*ast.walk(ast.parse(text))]
    checks = SimpleNamespace(AssetCheckResult=SimpleNamespace, AssetCheckSeverity=SimpleNamespace(ERROR=1, WARN=0))
    names = {"dg": SimpleNamespace(Failure=StoppedError, **vars(checks)), "quote": quote, "re": re}
    names["CONFIG"] = "/srv/my shop/shoplake.toml"
    for name in ("check_name", "check_results", "measured", "slice_of", "text"):
        [found] = [node for node in nodes if isinstance(node, ast.FunctionDef) and node.name == name]
        exec(ast.unparse(found), names)
    [stopped] = [node for node in nodes if isinstance(node, ast.If) and ast.unparse(node.test) == "stops"]
    return names, ast.unparse(stopped)


@pytest.mark.parametrize(
    ("stop", "measured"),
    [
        (BY_RULE, "rows_failed 30, rows_read 200, stop_above 0.05"),
        (BY_GATE, "slice shop 2026-03-27, value 0, low 20, high 60"),
    ],
    ids=["rule", "gate"],
)
def test_a_stop_fails_with_what_was_measured_and_the_line_to_type(parts, stop, measured):
    names, statement = parts
    line = rf"run --config '/srv/my shop/shoplake.toml' --accept {stop.table}.{stop.rule} --because"

    with pytest.raises(StoppedError, match=rf"{stop.table} is stopped .*: {measured}.* {line}"):
        exec(statement, names | {"stops": [stop]})


def test_the_check_that_stops_a_table_has_the_figures_of_the_rows_that_were_not_written(parts):
    names, _ = parts
    names["recorded_rules"] = lambda: [
        {
            "table": "silver.events",
            "check_name": "price_fits_type",
            "rows_failed": 0,
            "failed_ratio": 0,
            "status": "PASS",
        }
    ]
    keys = [("silver.events", "rule_price_fits_type"), ("silver.orders", "gate_rows_like_history")]
    checks = [SimpleNamespace(asset_key=SimpleNamespace(path=table.split(".")), name=name) for table, name in keys]

    rule, gate = names["check_results"](checks, [SimpleNamespace(gates=[])], [BY_RULE, BY_GATE])

    assert (rule.passed, rule.severity, rule.metadata["rows_failed"]) == (False, 1, 30)
    assert (gate.passed, gate.severity, gate.metadata["slice"]) == (False, 1, "shop 2026-03-27")


class StoppedError(Exception):
    """What Dagster's `Failure` is here."""

    def __init__(self, text, allow_retries):
        super().__init__(text)


@pytest.fixture(scope="module")
def dagster(tmp_path_factory, shop, job_of):
    """A function that runs a command of Dagster's environment in the folder of the definitions; returns its output."""
    folder = shop.parent / "jobs"
    bin = make_environment(tmp_path_factory.mktemp("dagster"), REQUIREMENTS, with_shoplake=True)
    write_generated(folder, dagster_files(job_of(shop), folder))
    home = tmp_path_factory.mktemp("home")
    environment = os.environ | {"DAGSTER_HOME": str(home), "DAGSTER_DISABLE_TELEMETRY": "1", "NO_COLOR": "1"}

    def run(command, *words, fails=False):
        done = subprocess.run(
            [bin / command, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode != 0) == fails, done.stderr[-3000:]
        return done.stdout + done.stderr

    return run


@pytest.mark.slow
def test_dagster_accepts_the_definitions(dagster):
    assert "All code locations passed validation" in dagster("dagster", "definitions", "validate", "-f", FILE)


@pytest.mark.slow
def test_the_assets_are_the_tables_and_read_what_the_tables_read(dagster, shop):
    catalog = Lake.open(shop).catalog

    found = json.loads(dagster("python", "-c", GRAPH).splitlines()[-1])

    reads = {
        key(table): sorted(key(catalog[each]) for each in table.inputs)
        for table in catalog.values()
        if table.layer != "bronze"
    }
    assert {name: each for name, each in found["edges"].items() if name.startswith(("silver", "gold"))} == reads
    assert found["edges"]["bronze/events_raw"] == ["landing/shop"]
    assert found["checks"] == sum(len(each.expectations) + len(each.gates) + 1 for each in catalog.values())
    assert found["zone"] == "Europe/London"


@pytest.mark.slow
def test_the_daily_job_builds_all_tables_and_tells_which_rules_are_violated(dagster, shop):
    log = dagster("dagster", "job", "execute", "-f", FILE, "-j", "daily")

    lake = Lake.open(shop)
    built = set(re.findall(r"ASSET_MATERIALIZATION - Materialized value (\w+) (\w+)\.", log))
    assert len(built) == len(lake.catalog)
    assert ("gold", "best_sellers") in built
    assert lake.table("gold.sales_daily").count() > 0
    assert "RUN_SUCCESS" in log
    assert re.search(r"ASSET_CHECK_EVALUATION.*rule_\w+' .*did not pass", log)


@pytest.mark.slow
def test_some_tables_can_be_built_by_themselves_but_no_files_ingested(dagster, shop):
    Lake.open(shop).run()
    version = Lake.open(shop).history("gold.best_sellers")[0].version

    log = dagster("dagster", "asset", "materialize", "-f", FILE, "--select", "gold/best_sellers")
    refused = dagster("dagster", "asset", "materialize", "-f", FILE, "--select", "bronze/events_raw", fails=True)

    assert re.findall(r"ASSET_MATERIALIZATION - Materialized value (\w+ \w+)\.", log) == ["gold best_sellers"]
    assert Lake.open(shop).history("gold.best_sellers")[0].version >= version
    assert "bronze.events_raw: files are ingested by runs of all tables. Select all assets." in refused


def key(table):
    """The table's name as Dagster writes an asset key."""
    return table.path
