import pytest

from shoplake import Lake
from shoplake.errors import UnknownTableError

SETTINGS = '[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "Europe/London"\ncurrency = "GBP"\n'


@pytest.fixture
def empty(tmp_path):
    (tmp_path / "shoplake.toml").write_text(SETTINGS)
    (tmp_path / "landing").mkdir()
    return Lake.open(tmp_path / "shoplake.toml")


def test_a_lake_is_what_its_settings_file_says(empty, tmp_path):
    assert empty.settings.lake == str(tmp_path / "lake")
    assert [feed.name for feed in empty.settings.feeds] == ["shop"]


def test_it_says_where_it_lies_what_computes_and_which_feeds_it_has(empty, tmp_path):
    assert repr(empty) == f"Lake('{tmp_path / 'lake'}', engine='sail', feeds: shop (zenith))"


def test_a_table_that_was_never_written_has_no_row_count(empty):
    assert empty.row_count("gold.sales_daily") is None


def test_live_events_are_no_table_of_a_lake_that_was_never_streamed(empty):
    with pytest.raises(UnknownTableError):
        empty.table("ops.events_live")
