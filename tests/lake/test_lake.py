import json
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from few_tables import FILES, few_tables

from shoplake import Lake
from shoplake.engine.query.dataframe import LakeFrame
from shoplake.engine.storage.lake_format import FORMAT
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.errors import (
    EngineConnectionLostError,
    LakeLockedError,
    QueryError,
    QueryNotAllowedError,
    SettingsError,
    UnknownTableError,
    UnsupportedFeatureError,
)
from shoplake.settings import Settings
from shoplake.simulate import generate

pytestmark = pytest.mark.usefixtures("few")
SETTINGS = '[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "Europe/London"\ncurrency = "GBP"\n'
ASK = "from shoplake import Lake; print(Lake.open('shoplake.toml').table('gold.sales_daily').count())"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("shop")
    (made / "shoplake.toml").write_text(SETTINGS)
    return made


@pytest.fixture(scope="module")
def ground_truth(folder):
    return generate(folder / "landing", events=400, customers=30, products=20, days=3, seed=4)


@pytest.fixture(scope="module")
def lake(folder, ground_truth):
    """A lake of a small shop, after one run."""
    made = Lake.open(folder / "shoplake.toml")
    made.run()
    return made


@pytest.fixture
def empty(tmp_path):
    (tmp_path / "shoplake.toml").write_text(SETTINGS)
    (tmp_path / "landing").mkdir()
    with few_tables(FILES):
        yield Lake.open(tmp_path / "shoplake.toml")


def test_without_a_settings_file_there_is_no_lake(tmp_path):
    with pytest.raises(SettingsError, match="shoplake init"):
        Lake.open(tmp_path / "shoplake.toml")


@pytest.mark.sample
def test_a_table_is_read_as_the_ground_truth_is(lake, ground_truth):
    assert lake.table("silver.events").count() == ground_truth["events"]


@pytest.mark.parametrize("name", ["gold.sales_daily", "sales_daily", "silver.events_quarantine", "ops.table_runs"])
def test_a_table_is_found_by_its_name(lake, name):
    assert isinstance(lake.table(name), LakeFrame)


@pytest.mark.parametrize("name", ["gold.sales_dayly", "sales_dayly", "silver.sales_daily"])
def test_a_table_that_is_not_declared_is_answered_with_a_name_that_is_near(lake, name):
    with pytest.raises(UnknownTableError, match=r"Unknown table '.*'\. Did you mean '(gold\.)?sales_daily'\?"):
        lake.table(name)


def test_a_question_is_answered_to_the_cent(lake, ground_truth):
    (row,) = lake.sql("SELECT sum(net_sales) AS net FROM gold.sales_daily").to_arrow().to_pylist()

    assert row["net"] == Decimal(ground_truth["net_sales"])


def test_a_question_may_name_several_tables_and_quarantines(lake):
    query = "SELECT count(*) AS n FROM silver.events AS e JOIN silver.events_quarantine AS q ON e.feed = q.feed"

    assert lake.sql(query).to_arrow().to_pylist() == [{"n": 0}]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("DELETE FROM silver.events", "Only SELECT queries are allowed"),
        ("SELECT * FROM gold.nothing", "Unknown table 'gold.nothing'"),
    ],
)
def test_what_is_no_question_is_refused(lake, query, why):
    with pytest.raises(QueryNotAllowedError, match=why):
        lake.sql(query)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        (
            "SELECT salesdate FROM gold.sales_daily",
            r"^Query failed: Unknown column 'salesdate'\. Did you mean 'sales_date'\?$",
        ),
        ("SELECT nothing(1)", r"^Query failed: Unknown function 'nothing'\.$"),
        ("SELECT feed, sum(net_sales) FROM gold.sales_daily", r"Column 'feed' is neither in GROUP BY nor"),
        ("SELECT cast('x' AS int)", r"^Query failed: Cannot cast string 'x' to value of Int32 type$"),
    ],
)
def test_a_query_that_fails_says_why_and_does_not_blame_the_lake(lake, query, why):
    with pytest.raises(QueryError, match=why):
        lake.sql(query).to_arrow()


def test_its_methods_take_names_with_and_without_layer(lake, folder):
    assert lake.path("sales_daily") == lake.path("gold.sales_daily") == f"{folder}/lake/gold/sales_daily"
    assert lake.row_count("sales_daily") == lake.table("sales_daily").count()
    assert [commit.version for commit in lake.history("sales_daily")][-1] == 0
    with lake.maintain() as maintenance:
        assert maintenance.vacuum(["sales_daily"]) == {"gold.sales_daily": 0}


def test_the_quality_of_one_run_is_asked_for_by_its_id(lake):
    run_id = lake.quality()[0]["run_id"]

    assert {row["run_id"] for row in lake.quality(run_id)} == {run_id}


def test_a_lake_has_its_format_number_from_the_first_run_on(lake):
    assert json.loads(Path(lake.settings.lake, "_format.json").read_text()) == {"format": FORMAT}


def test_the_same_question_in_two_lakes_has_two_answers(lake, empty, ground_truth):
    query = "SELECT count(*) AS n FROM silver.events"
    empty.run()

    found = [each.sql(query).to_arrow().to_pylist()[0]["n"] for each in (lake, empty, lake)]

    assert found == [ground_truth["events"], 0, ground_truth["events"]]


def test_the_quality_of_the_last_run_that_wrote_each_table_is_reported_in_order(lake):
    rows = lake.quality()

    names = list(dict.fromkeys(row["table"] for row in rows))
    assert names == [name for name in lake.known if name in names]
    assert {"bronze.events_raw", "silver.events", "gold.sales_daily"} <= set(names)
    assert {row["status"] for row in rows} <= {"PASS", "WARN", "FAIL"}


def test_nothing_is_wrong_with_it(lake):
    assert lake.verify() == []


def test_how_a_table_is_built_is_reported_as_a_plan(lake):
    assert "Exec" in lake.explain("gold.sales_daily")
    assert "Exec" in lake.explain("silver.events")


def test_it_runs_again_and_again_until_it_is_stopped(empty):
    stop, reports = threading.Event(), []

    for report in empty.watch(stop, interval_s=0.01):
        reports.append(report)
        if len(reports) == 2:
            stop.set()

    assert [report.files for report in reports] == [0, 0]
    assert len({report.run_id for report in reports}) == 2


def test_a_watch_asks_its_engine_before_each_run_so_that_its_session_lives(empty, monkeypatch):
    asked = []
    monkeypatch.setattr(DeltaEngine, "keep_session", lambda engine: asked.append(engine))
    stop = threading.Event()

    for _ in empty.watch(stop, interval_s=0.01):
        stop.set()

    assert asked == [empty.engine]


@pytest.mark.slow
def test_while_it_watches_no_other_run_starts(empty):
    stop = threading.Event()
    watching = empty.watch(stop, interval_s=0.01)
    next(watching)

    with pytest.raises(LakeLockedError):
        empty.run()

    watching.close()
    assert empty.run().files == 0


@pytest.mark.slow
@pytest.mark.parametrize("way", [["-c", ASK], pytest.param(["-"], marks=pytest.mark.slow)], ids=["text", "stdin"])
def test_it_works_where_python_is_given_its_program_as_text(lake, folder, way):
    done = subprocess.run([sys.executable, *way], input=ASK, cwd=folder, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip()) == (0, str(lake.table("gold.sales_daily").count())), done.stderr


def test_sail_says_that_it_does_not_stream_and_what_to_do_instead(lake):
    with pytest.raises(UnsupportedFeatureError, match="shoplake run --watch; or set engine"):
        next(lake.stream(threading.Event()))


def test_an_engine_that_is_gone_is_not_asked_again(tmp_path, monkeypatch):
    def gone(self):
        raise EngineConnectionLostError("Connection reset")

    lake = Lake(Settings(lake=str(tmp_path / "lake"), feeds=()))
    first = lake.engine
    monkeypatch.setattr("shoplake.pipeline.logged_run.PipelineRun.execute", gone)
    with pytest.raises(EngineConnectionLostError, match="Lost connection to Spark: Connection reset"):
        lake.run()
    assert lake.engine is not first


def test_the_plan_of_an_empty_lake_builds_all_tables_and_writes_nothing(empty, tmp_path):
    before = sorted(tmp_path.rglob("*"))

    plan = empty.plan()

    assert {table.reason for table in plan.tables} == {"It is not built yet."}
    built = [table for table in empty.catalog.ordered if table.inputs and table.write.is_written_by_runs]
    assert {table.qualified_name for table in built} == {table.table for table in plan.tables}
    assert sorted(tmp_path.rglob("*")) == before


def test_the_plan_of_an_up_to_date_lake_is_nothing(lake):
    assert lake.plan().is_nothing
    assert [table.table for table in lake.plan(full_refresh=True, select="gold.sales_daily").tables] == [
        "gold.sales_daily"
    ]
