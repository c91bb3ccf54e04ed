from dataclasses import replace

import pytest

from shoplake.deploy.orchestrators.nightly_job import ExecutableError, JobNameError, TimeOfDayError, shop_zone
from shoplake.errors import SettingsError


def test_a_job_runs_at_three_in_the_zone_of_the_shop(job):
    assert (job.cron, job.at, job.timezone) == ("0 3 * * *", "03:00", "Europe/London")


def test_a_time_of_the_day_can_be_chosen(job_of, project):
    assert job_of(project, at="4:30", timezone="Asia/Tokyo").cron == "30 4 * * *"


@pytest.mark.parametrize("text", ["24:00", "3", "03:60", "3am", ""])
def test_a_time_that_is_none_is_quoted(job_of, project, text):
    with pytest.raises(TimeOfDayError, match=f"'{text}' is not a time of the day. Write one such as 03:00"):
        job_of(project, at=text)


def test_shops_in_several_zones_need_one_to_be_chosen(job):
    [feed] = job.settings.feeds
    several = replace(job.settings, feeds=(feed, replace(feed, name="other", timezone="Asia/Tokyo")))

    with pytest.raises(SettingsError, match=r"Asia/Tokyo, Europe/London. Choose one with --timezone"):
        shop_zone(several)


def test_a_name_is_made_of_the_folder_of_the_project(job):
    assert job.name == "shoplake-pear-co"


def test_two_lakes_in_folders_of_one_name_can_have_names(job_of, project):
    assert job_of(project, name="eu-shop").name == "shoplake-eu-shop"


@pytest.mark.parametrize("text", ["", "my shop", "../shop", "Shop", "shop-", "a\nb"])
def test_a_name_that_is_none_is_quoted(job_of, project, text):
    with pytest.raises(JobNameError, match=r"is not a name\. Write lower-case letters, digits and hyphens"):
        job_of(project, name=text)


def test_shoplake_is_a_command_or_an_absolute_path(job_of, project):
    assert job_of(project, executable="shoplake").executable == "shoplake"
    with pytest.raises(ExecutableError, match=r"--executable .venv/bin/shoplake is a relative path"):
        job_of(project, executable=".venv/bin/shoplake")


def test_the_settings_file_is_found_from_a_folder(job, project):
    assert job.config_from(project.parent / "deploy" / "dagster") == "../../shoplake.toml"
