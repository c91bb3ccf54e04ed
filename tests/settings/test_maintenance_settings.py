from datetime import timedelta

import pytest

from shoplake.settings.maintenance_settings import MaintenanceSettings, read_maintenance_settings
from shoplake.settings.settings_section import InvalidValueError, Section


def read(**values):
    return read_maintenance_settings(Section(values, "maintenance"))


def test_a_section_that_is_not_there_maintains_once_a_day_for_a_minute():
    assert read() == MaintenanceSettings(
        timedelta(days=7), timedelta(days=30), timedelta(days=1), timedelta(seconds=60)
    )


def test_durations_are_numbers_with_a_unit():
    settings = read(keep_versions="14 days", log="60 days", every="12 hours", at_most="90s")

    assert (settings.keep_versions.days, settings.log.days) == (14, 60)
    assert (settings.every, settings.at_most) == (timedelta(hours=12), timedelta(seconds=90))


def test_commands_alone_maintain_where_every_is_never():
    assert read(every="never").every is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"every": "daily"}, r"maintenance.every = 'daily' is no duration. Write one such as \"7 days\" or \"60s\"."),
        ({"every": "99999999999999999999 days"}, "is too long: write 36500 days or less."),
        ({"log": "40000 days"}, "is too long: write 36500 days or less."),
        ({"keep_versions": "1 day"}, 'keep_versions is less than "7 days"'),
        ({"log": "3 days"}, "maintenance.log is less than keep_versions"),
        ({"keep_version": "9 days"}, "unknown setting 'maintenance.keep_version'. Did you mean 'keep_versions'?"),
    ],
)
def test_a_value_that_cannot_work_is_named_with_what_to_write(values, message):
    with pytest.raises(InvalidValueError, match=message.replace('"', '\\"') if "\\" not in message else message):
        read(**values)
