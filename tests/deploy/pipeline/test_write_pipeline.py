"""The files of a declarative pipeline."""

import ast
import json

import pytest
from reliability.lakes import lake_at

from shoplake.deploy.pipeline.write_pipeline import PipelineFolderError, write_pipeline
from shoplake.lake import Lake

TABLES = ("customers", "payments", "sales_daily")


@pytest.fixture
def lake(tmp_path):
    """A lake of few tables; nothing has run."""
    (tmp_path / "shoplake.toml").write_text("")
    return lake_at(tmp_path / "lake", tmp_path / "landing", tables=TABLES)


@pytest.fixture
def files(lake, tmp_path):
    """The texts of a written pipeline by their paths, in its folder."""

    def write(**options):
        out = tmp_path / "out"
        write_pipeline(lake, tmp_path / "shoplake.toml", out, **options)
        return {file.relative_to(out).as_posix(): file.read_text() for file in out.rglob("*") if file.is_file()}

    return write


def test_bronze_is_streaming_tables_and_the_rest_materialized_views(files):
    written = files()

    assert decorators(written["transformations/bronze.py"])["customers_raw"] == ["table"]
    silver = decorators(written["transformations/silver.py"])
    assert silver["silver_payments_evaluated"] == ["temporary_view"]
    assert silver["payments"] == silver["payments_quarantine"] == ["materialized_view"]
    assert decorators(written["transformations/gold.py"])["sales_daily"] == ["materialized_view"]


def test_the_settings_name_the_feeds_with_whole_paths(files, lake, tmp_path):
    files()

    assert Lake.open(tmp_path / "out" / "shoplake.toml").settings.feeds == lake.settings.feeds


def test_the_specification_has_storage_and_utc(files):
    values = json.loads(files()["spark-pipeline.yml"])

    assert values["storage"].endswith("/out/storage")
    assert values["configuration"]["spark.sql.session.timeZone"] == "UTC"


def test_for_databricks_rules_are_expectations_and_histories_are_made_by_auto_cdc(files):
    silver = files(databricks=True)["transformations/silver.py"]

    assert "expect_all_or_drop" in decorators(silver)["payments"]
    calls = [ast.unparse(node) for node in ast.walk(ast.parse(silver)) if isinstance(node, ast.Call)]
    [flow] = [call for call in calls if "create_auto_cdc_flow" in call and "silver_customers_changes" in call]
    assert "stored_as_scd_type=2" in flow and "keys=['feed', 'customer_id']" in flow


def test_what_the_project_no_longer_has_is_no_longer_in_the_pipeline(files, tmp_path):
    for name in ("rules.py", "tables/gold/kept.py", "tables/gold/gone.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    before = set(files())
    for name in ("rules.py", "tables/gold/gone.py"):
        (tmp_path / name).unlink()

    assert before - set(files()) == {"rules.py", "tables/gold/gone.py"}


def test_the_project_itself_is_not_overwritten(lake, tmp_path):
    (tmp_path / "transformations").mkdir()

    with pytest.raises(PipelineFolderError, match="has the project itself in it"):
        write_pipeline(lake, tmp_path / "shoplake.toml", tmp_path)


def test_a_folder_with_other_files_is_refused(lake, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")

    with pytest.raises(PipelineFolderError, match="has other files"):
        write_pipeline(lake, tmp_path / "shoplake.toml", tmp_path / "out")


def decorators(text):
    """The decorators of a module's functions, without `dp.`, by function."""
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    return {each.name: [node.func.attr for node in each.decorator_list] for each in functions}
