import pytest

from shoplake.simulate.realistic.channels import CHANNELS


@pytest.fixture(scope="module")
def spend(shop):
    return shop.rows(f"SELECT * FROM read_csv('{shop.folder}/spend/*.csv', header=true) ORDER BY ALL")


def test_a_day_has_one_line_per_campaign(spend):
    assert len({row[:4] for row in spend}) == len(spend) > 100


def test_a_click_costs_about_what_the_channel_charges(spend):
    for channel in (each for each in CHANNELS if each.click_cost):
        lines = [row for row in spend if row[1:4] == (channel.source, channel.medium, channel.campaign)]
        per_click = sum(row[4] for row in lines) / sum(row[6] for row in lines)
        assert per_click == pytest.approx(channel.click_cost, rel=0.15)


def test_costs_are_in_the_shops_currency_and_published_on_the_next_morning(spend):
    assert {row[5] for row in spend} == {"GBP"}
    assert all((row[8].date() - row[0]).days == 1 for row in spend)
    assert all(row[7] > row[6] > 0 for row in spend)
