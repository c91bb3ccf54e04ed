import pytest

from shoplake.deploy.databricks.checks import check_bundle

DAILY = "resources/daily.job.yml"


def daily(document):
    return document["resources"]["jobs"]["daily"]


def task(document, number):
    return daily(document)["tasks"][number]


def unix_cron(document):
    daily(document)["schedule"]["quartz_cron_expression"] = "0 3 * * *"


def two_question_marks(document):
    daily(document)["schedule"]["quartz_cron_expression"] = "0 0 3 ? * ?"


def bad_zone(document):
    daily(document)["schedule"]["timezone_id"] = "Europe/Londn"


def schedule_and_trigger(document):
    daily(document)["trigger"] = {"file_arrival": {"url": "/Volumes/a/b/c/"}}


def dangling_dependency(document):
    task(document, 1)["depends_on"] = [{"task_key": "ingst"}]


def cycle(document):
    task(document, 0)["depends_on"] = [{"task_key": "gold"}]


def itself(document):
    task(document, 0)["depends_on"] = [{"task_key": "ingest"}]


def dangling_environment(document):
    task(document, 2)["environment_key"] = "shop"


def cluster_and_environment(document):
    task(document, 2)["job_cluster_key"] = "small"


def both_parameters(document):
    task(document, 3)["python_wheel_task"]["named_parameters"] = {"layer": "gold"}


def undeclared_variable(document):
    daily(document)["email_notifications"]["on_failure"] = ["${var.nobody}"]


def undeclared_resource(document):
    task(document, 0)["python_wheel_task"]["parameters"].append("${resources.schemas.golden.name}")


def undeclared_parameter(document):
    task(document, 0)["python_wheel_task"]["parameters"].append("{{job.parameters.row}}")


def unknown_reference(document):
    daily(document)["description"] = "${vra.catalog}"


@pytest.mark.parametrize(
    ("edit", "place", "message"),
    [
        (dangling_dependency, "daily.silver", "the task 'ingst', which is not in the job. Did you mean 'ingest'?"),
        (dangling_environment, "daily.gold", "environment 'shop' is not in the job. Did you mean 'shoplake'?"),
        (cycle, "daily", "its tasks wait for each other: ingest → "),
        (itself, "daily", "its tasks wait for each other: ingest → ingest."),
        (unix_cron, "daily", "'0 3 * * *' has 5 fields. Quartz has 6, with seconds first, such as '0 0 3 * * ?'."),
        (two_question_marks, "daily", "needs one ?"),
        (bad_zone, "daily", "timezone_id: 'Europe/Londn' is no time zone."),
        (undeclared_variable, "resources.jobs.daily.email", "${var.nobody} is no variable of the bundle. There are: "),
        (both_parameters, "daily.verify", "it has parameters and named_parameters. Write one of them."),
        (schedule_and_trigger, "daily", "it has schedule and trigger. A job starts in one way"),
        (cluster_and_environment, "daily.gold", "it has environment_key and job_cluster_key."),
        (undeclared_resource, "resources.jobs.daily.tasks.0", "Did you mean 'schemas.gold'?"),
        (undeclared_parameter, "daily", "{{job.parameters.row}} is no parameter of the job. Did you mean 'rows'?"),
        (unknown_reference, "resources.jobs.daily", "${vra.catalog} refers to nothing."),
    ],
)
def test_a_mistake_in_a_job_is_found_with_its_place(changed, edit, place, message):
    [mistake] = check_bundle(changed(DAILY, edit))

    assert (mistake.file, mistake.place.startswith(place)) == (DAILY, True)
    assert message in mistake.message and str(mistake).startswith(f"{DAILY}: {mistake.place}: ")


def test_a_bundle_as_it_was_written_has_no_mistake(bundle):
    assert check_bundle(bundle) == []


def test_a_folder_without_a_bundle_is_one_mistake_that_says_what_to_do(tmp_path):
    [mistake] = check_bundle(tmp_path)

    assert "shoplake deploy databricks" in mistake.message


def test_a_file_that_is_no_yaml_is_a_mistake(changed):
    folder = changed(DAILY, daily)
    (folder / DAILY).write_text("resources: [")

    assert "This is no YAML" in check_bundle(folder)[0].message


def test_a_missing_sql_file_is_a_mistake_of_its_task(changed):
    folder = changed(DAILY, daily)
    (folder / "sql/masks.sql").unlink()

    assert [str(each) for each in check_bundle(folder)] == [
        "resources/governance.job.yml: governance.masks: there is no file ../sql/masks.sql."
    ]
