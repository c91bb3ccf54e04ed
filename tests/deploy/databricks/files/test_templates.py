import re


def test_the_three_tasks_are_a_job_of_the_jobs_api(documents, bundle):
    from databricks.sdk.service.jobs import JobSettings  # slow to import

    job = documents["jobs/three_tasks.json"]

    assert JobSettings.from_dict(job).as_dict() == job
    notebooks = [task["notebook_task"]["notebook_path"].rpartition("/")[2] for task in job["tasks"]]
    assert notebooks == ["01_generate_bronze", "02_bronze_to_silver", "03_silver_to_gold"]
    assert all((bundle / f"notebooks/{name}.py").is_file() for name in notebooks)


def test_a_notebook_is_source_of_databricks_with_widgets_for_each_parameter_of_the_job(documents, bundle):
    parameters = {each["name"] for each in documents["jobs/three_tasks.json"]["parameters"]}

    for path in sorted((bundle / "notebooks").glob("0[123]*.py")):
        text = path.read_text()
        assert text.startswith("# Databricks notebook source\n") and text.count("# COMMAND ----------") == 5
        assert set(re.findall(r'dbutils.widgets.text\("(\w+)"', text)) == parameters


def test_no_placeholder_is_left(bundle):
    texts = [path.read_text() for path in bundle.rglob("*") if path.is_file() and path.suffix != ".whl"]
    left = {match for text in texts for match in re.findall(r"@[a-z]+@", text)}

    assert left == set()


def test_every_file_that_the_readme_names_is_there(bundle):
    named = re.findall(r"`((?:resources|notebooks|jobs|sql|terraform)/?[\w./]*)`", (bundle / "README.md").read_text())

    assert len(named) > 5
    assert [name for name in named if not list(bundle.glob(f"{name.rstrip('/')}*"))] == []


def test_every_parameter_that_the_readme_gives_a_job_exists(bundle, jobs):
    for name, given in re.findall(r"bundle run (\w+)[^\n]*--params ([^\n`]+)", (bundle / "README.md").read_text()):
        known = {each["name"] for each in jobs[name]["parameters"]}
        assert {each.partition("=")[0] for each in given.split(",")} <= known
