from pathlib import Path

from shoplake.deploy.pipeline.project_files import pipeline_files
from shoplake.tables.gold.sales.sales_by_country_daily import sales_by_country_daily


def test_the_readme_names_what_is_left_out_and_why():
    files = pipeline_files([sales_by_country_daily], {"gold.carts": "uses drop()"}, Path("out"), databricks=False)

    assert "- `gold.carts` uses drop()" in files["README.md"]
    assert "spark-pipelines run" in files["README.md"]


def test_the_schemas_are_created_before_the_first_run():
    files = pipeline_files([], {}, Path("out"), databricks=False)

    assert files["setup.sql"].splitlines() == [
        f"CREATE SCHEMA IF NOT EXISTS {layer};" for layer in ("bronze", "silver", "gold")
    ]


def test_databricks_has_a_specification_of_its_own():
    files = pipeline_files([], {}, Path("out"), databricks=True)

    assert "pipeline.json" in files and "spark-pipeline.yml" not in files
