import pytest

from shoplake.cli.demo import queries
from shoplake.lake import Lake


@pytest.fixture(scope="module")
def opened(lake):
    return Lake.open(lake)


@pytest.mark.parametrize("by", ["channel", "device"])
def test_every_visit_that_is_no_bot_has_one_channel_and_one_device(opened, by):
    counted = queries.conversion(opened, by)
    visits = opened.table("silver.sessions").where("NOT is_bot")
    assert sum(each["visits"] for each in counted) == visits.count()
    assert sum(each["buying"] for each in counted) == visits.where("purchases > 0").count() > 0


def test_a_visit_that_buys_counts_for_the_channel_it_came_by(opened):
    """Not for that of its purchase event, which has no utm parameters."""
    assert any(each["buying"] for each in queries.conversion(opened, "channel") if each["name"] != "direct")


def test_the_funnel_has_the_visitors_of_the_truth(opened, truth):
    assert {each["step"]: each["visitors"] for each in queries.funnel(opened)} == truth["funnel_visitors"]
