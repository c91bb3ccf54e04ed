import pytest

from shoplake.cli.demo import queries
from shoplake.lake import Lake


@pytest.fixture(scope="module")
def shop_lake(lake):
    return Lake.open(lake)


@pytest.mark.parametrize("by", ["channel", "device"])
def test_every_session_without_bots_has_one_channel_and_device(shop_lake, by):
    rows = queries.conversion(shop_lake, by)
    sessions = shop_lake.table("silver.sessions").where("NOT is_bot")
    assert sum(each["sessions"] for each in rows) == sessions.count()
    assert sum(each["converting"] for each in rows) == sessions.where("purchases > 0").count() > 0


def test_a_session_with_a_purchase_counts_for_its_first_channel(shop_lake):
    """Not for that of its purchase event, which has no utm parameters."""
    assert any(each["converting"] for each in queries.conversion(shop_lake, "channel") if each["name"] != "direct")


def test_the_funnel_has_the_sessions_of_the_ground_truth(shop_lake, ground_truth):
    days = ground_truth["funnel_sessions_daily"].values()

    funnel = {each["step"]: each["sessions"] for each in queries.funnel(shop_lake)}

    assert funnel == {step: sum(day[step] for day in days) for step in funnel}
