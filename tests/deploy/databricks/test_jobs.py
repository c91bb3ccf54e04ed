import pytest

NAMES = ("daily", "arrival", "backfill", "stream", "governance")


@pytest.fixture
def job_settings():
    """The SDK's class of a job's settings, which is slow to import."""
    from databricks.sdk.service.jobs import JobSettings

    return JobSettings


def test_there_is_a_job_for_every_way_to_start(jobs):
    assert set(jobs) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_sdk_reads_a_job_and_loses_nothing(jobs, job_settings, name):
    assert job_settings.from_dict(jobs[name]).as_dict() == jobs[name]


def test_the_sdk_loses_what_it_does_not_know(jobs, job_settings):
    assert "max_concurent_runs" not in job_settings.from_dict(jobs["daily"] | {"max_concurent_runs": 1}).as_dict()


def test_the_daily_job_takes_in_files_then_silver_then_gold_and_verifies(jobs):
    order = [
        (task["task_key"], [each["task_key"] for each in task.get("depends_on", [])]) for task in jobs["daily"]["tasks"]
    ]

    assert order == [("ingest", []), ("silver", ["ingest"]), ("gold", ["silver"]), ("verify", ["gold"])]


def test_the_daily_job_starts_at_three_in_the_shops_zone_one_run_at_a_time(jobs):
    daily = jobs["daily"]

    assert (daily["schedule"]["quartz_cron_expression"], daily["schedule"]["timezone_id"]) == (
        "0 0 3 * * ?",
        "Europe/London",
    )
    assert (daily["max_concurrent_runs"], daily["queue"], daily["tasks"][0]["max_retries"]) == (1, {"enabled": True}, 2)
    mail = daily["email_notifications"]
    assert mail["on_failure"] == mail["on_duration_warning_threshold_exceeded"] == ["${var.alert_email}"]
    assert daily["health"]["rules"][0]["metric"] == "RUN_DURATION_SECONDS"


def test_rows_are_simulated_by_the_first_task_alone(jobs):
    words = [task["python_wheel_task"]["parameters"] for task in jobs["daily"]["tasks"]]

    assert ["--rows" in each for each in words] == [True, False, False, False]
    assert {"name": "rows", "default": "${var.rows}"} in jobs["daily"]["parameters"]


def test_a_job_that_starts_again_by_itself_has_one_task_and_no_queue(jobs):
    stream = jobs["stream"]

    assert (len(stream["tasks"]), "queue" in stream, "max_retries" in stream["tasks"][0]) == (1, False, False)
    assert stream["continuous"] == {"pause_status": "PAUSED"}


def test_every_environment_is_serverless_and_its_version_is_a_text(jobs):
    specs = [each["spec"] for job in jobs.values() for each in job.get("environments", [])]

    assert len(specs) == 4
    assert all(spec["environment_version"] == "4" and spec["dependencies"] for spec in specs)


def test_masks_are_set_only_where_they_are_asked_for(jobs):
    [masks] = [task for task in jobs["governance"]["tasks"] if task["task_key"] == "masks"]

    assert {"task_key": "asks_for_masks", "outcome": "true"} in masks["depends_on"]
