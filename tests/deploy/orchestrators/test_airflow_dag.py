import ast
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from shoplake.deploy.generated_files import write_generated
from shoplake.deploy.orchestrators.airflow_dag import airflow_files, dag_id, table_uri
from shoplake.lake import Lake

from ..environments import make_environment

REQUIREMENTS = Path(__file__).with_name("airflow.txt")


def value_of(text, name):
    """The value of a constant in a module's text."""
    [value] = [
        node.value for node in ast.parse(text).body if isinstance(node, ast.Assign) and node.targets[0].id == name
    ]
    return ast.literal_eval(value)


def test_the_dag_names_all_tables_of_the_project_with_their_places(job, project):
    [text] = airflow_files(job, project.parent / "dags").values()

    tables = value_of(text, "TABLES")
    assert tables.keys() == {each.qualified_name for each in job.catalog.values()}
    assert tables["gold.best_sellers"] == (
        f"file://{job.settings.lake}/gold/best_sellers",
        "One row per product that was sold; cancelled orders are no sales.",
    )


def test_two_lakes_of_one_airflow_share_no_file_no_dag_and_no_asset(job, project):
    north, south = (airflow_files(replace(job, short_name=name), project.parent) for name in ("north", "south"))

    assert [*north, *south] == ["shoplake_north_daily.py", "shoplake_south_daily.py"]
    assert [value_of(text, "NAME") for text in (*north.values(), *south.values())] == [
        "shoplake-north",
        "shoplake-south",
    ]


@pytest.mark.parametrize(
    ("change", "uri"),
    [
        ({"lake": "s3://shop/lake"}, "s3://shop/lake/gold/a"),
        ({"catalog": "shop"}, "x-shoplake://shop/gold/a"),
    ],
)
def test_a_table_has_an_address_in_a_store_or_a_catalog(job, change, uri):
    assert table_uri(replace(job, settings=replace(job.settings, **change)), "gold/a") == uri


def test_a_path_with_quotes_stays_one_text(job, project):
    path = 'C\'est "la" vie\\shoplake'

    [text] = airflow_files(replace(job, executable=path), project.parent).values()

    assert path in [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]


@pytest.fixture(scope="module")
def airflow(tmp_path_factory, shop, job_of):
    """A function that runs a command of Airflow's environment, which has no shoplake; returns its result."""
    bin = make_environment(tmp_path_factory.mktemp("airflow"), REQUIREMENTS)
    home, dags = tmp_path_factory.mktemp("home"), shop.parent / "dags"
    executable = str(Path(sys.executable).with_name("shoplake"))
    write_generated(dags, airflow_files(job_of(shop, executable=executable), dags))
    environment = os.environ | {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__DAGS_FOLDER": str(dags)}
    environment |= {"AIRFLOW__CORE__LOAD_EXAMPLES": "False", "PATH": f"{bin}:{os.environ['PATH']}"}

    def run(command, *words):
        return subprocess.run(
            [bin / command, *words], cwd=dags, env=environment, capture_output=True, text=True, check=False
        )

    assert run("airflow", "db", "migrate").returncode == 0
    return run


@pytest.mark.slow
def test_airflow_reads_the_dag_with_an_asset_per_table(airflow, shop):
    code = "from shoplake_shop_daily import dag; print(len(dag.task_dict['run'].outlets), dag.timetable.summary)"

    done = airflow("python", "-c", code)

    assert done.stdout.split("\n")[-2] == f"{len(Lake.open(shop).catalog)} 0 3 * * *", done.stderr


@pytest.mark.slow
def test_another_dag_names_an_asset_as_the_how_to_does(airflow):
    code = (
        "from airflow.sdk import Asset; from shoplake_shop_daily import ASSETS\n"
        "print(Asset('shoplake-shop.gold.sales_daily') in [Asset(each.name, each.uri) for each in ASSETS])"
    )

    done = airflow("python", "-c", code)

    assert done.stdout.split("\n")[-2] == "True", done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("code", "error"), [(1, "AirflowException"), (3, "AirflowFailException")])
def test_an_exit_code_that_a_second_try_does_not_mend_fails_at_once(airflow, code, error):
    run = f"from shoplake_shop_daily import run; run.bash_command = 'exit {code}'; run.execute({{}})"

    done = airflow("python", "-c", run)

    last = done.stderr.strip().split("\n")[-1]
    assert last.split(":")[0].split(".")[-1] == error


@pytest.mark.slow
def test_the_dag_builds_and_verifies_all_tables(airflow, shop, job_of):
    done = airflow("airflow", "dags", "test", dag_id(job_of(shop)), "2026-03-01")

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert Lake.open(shop).table("gold.best_sellers").count() > 0
    assert "verify" in done.stdout + done.stderr
