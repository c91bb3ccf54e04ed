"""Ad spend: what the visits of paid channels cost per day."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from shoplake.simulate.realistic.channels import CHANNELS
from shoplake.simulate.realistic.money import UNIT, format_amount, round_to_cents
from shoplake.simulate.rng import rng_for

if TYPE_CHECKING:
    from datetime import date

    from shoplake.simulate.realistic.channels import Channel
    from shoplake.simulate.realistic.story import Story

SPEND_HEADER = "cost_date,source,medium,campaign,cost,currency,clicks,impressions,updated_at\n"
LOST_CLICKS, IMPRESSIONS_PER_CLICK = 0.15, 40


class Spend(NamedTuple):
    """The costs of a channel on a local day; `cost` is in ten-thousandths of the shop's currency."""

    day: int
    channel: int
    clicks: int
    impressions: int
    cost: int


def draw_spend(story: Story) -> list[Spend]:
    """Draw the costs of all paid channels by day: each visit is a click, and some clicks never arrive."""
    events, calendar = story.events, story.world.calendar
    rng = rng_for(story.world.options.seed, "spend")
    _, firsts = np.unique(events.session, return_index=True)
    day = np.searchsorted(calendar.starts, events.at[firsts], side="right") - 1
    channel, days = events.channel[firsts], len(calendar)
    visits = np.bincount(day * len(CHANNELS) + channel, minlength=days * len(CHANNELS)).reshape(days, -1)
    clicks = visits + rng.poisson(visits * LOST_CLICKS)
    impressions = rng.poisson(clicks * IMPRESSIONS_PER_CLICK)
    price = np.array([each.click_cost for each in CHANNELS]) * np.exp(rng.normal(0.0, 0.1, clicks.shape))
    cost = round_to_cents(np.rint(clicks * price * UNIT).astype(np.int64))
    return [
        Spend(int(row), int(column), int(clicks[row, column]), int(impressions[row, column]), int(cost[row, column]))
        for row, column in zip(*np.nonzero(cost), strict=True)
    ]


def format_spend(spend: Spend, channel: Channel, dates: list[date], currency: str) -> str:
    """Format costs as a line of the native format, published on the next morning."""
    day, campaign = dates[spend.day], channel.campaign or ""
    if '"' in campaign or "," in campaign:
        campaign = '"' + campaign.replace('"', '""') + '"'
    published = np.datetime64(day) + np.timedelta64(1, "D")
    return (
        f"{day},{channel.source},{channel.medium},{campaign},{format_amount(spend.cost)},{currency},"
        f"{spend.clicks},{spend.impressions},{published}T06:00:00Z\n"
    )
