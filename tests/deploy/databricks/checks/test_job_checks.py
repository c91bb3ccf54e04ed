from shoplake.deploy.databricks.checks.job_checks import check_job


def test_a_job_that_nothing_starts_and_that_has_no_task_is_no_mistake(tmp_path):
    assert list(check_job("a.yml", "empty", {}, tmp_path)) == []


def test_a_cron_of_seven_fields_with_a_weekday_is_right(tmp_path):
    schedule = {"quartz_cron_expression": "0 0 3 ? * MON-FRI 2026", "timezone_id": "UTC"}

    assert list(check_job("a.yml", "weekdays", {"schedule": schedule}, tmp_path)) == []


def test_each_mistake_of_a_job_is_found(tmp_path):
    job = {"tasks": [{"task_key": "a", "environment_key": "x", "depends_on": [{"task_key": "b"}]}]}

    assert [each.place for each in check_job("a.yml", "job", job, tmp_path)] == ["job.a", "job.a"]
