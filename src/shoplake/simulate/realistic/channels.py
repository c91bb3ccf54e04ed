"""Channels that lead visitors to the shop, and their true effect on orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from shoplake.simulate.realistic.planted.injections import plant_campaigns
from shoplake.simulate.rng import draw_weighted

if TYPE_CHECKING:
    from shoplake.simulate.realistic.options import Options


class Channel(NamedTuple):
    """A channel with its tags.

    `leads` and `closes` are the shares of journeys that begin and end with it, `browses` that of the other visits.
    `incrementality` is the share of the orders it leads to that would not exist without it.
    """

    source: str | None
    medium: str | None
    campaign: str | None
    leads: float
    closes: float
    browses: float
    incrementality: float
    click_cost: float = 0.0


CHANNELS = (
    Channel(None, None, None, 22.0, 42.0, 34.0, 0.0),
    Channel("google", "organic", None, 24.0, 16.0, 24.0, 0.30),
    Channel("google", "cpc", "spring_sale", 14.0, 6.0, 12.0, 0.60, 0.45),
    Channel("google", "cpc", "brand", 5.0, 12.0, 5.0, 0.05, 0.20),
    Channel("facebook", "paid_social", "lookalike", 13.0, 2.0, 8.0, 0.80, 0.35),
    Channel("facebook", "paid_social", "retargeting", 2.0, 9.0, 4.0, 0.05, 0.30),
    Channel("instagram", "social", "stories", 5.0, 1.0, 5.0, 0.40),
    Channel("newsletter", "email", "weekly", 8.0, 9.0, 5.0, 0.35),
    Channel("partner-blog", "affiliate", "reviews", 4.0, 2.0, 2.0, 0.50, 0.25),
    Channel("bing", "organic", None, 3.0, 1.0, 1.0, 0.30),
    Channel("paypal", "referral", None, 0.0, 0.0, 0.0, 0.0),
    Channel("klarna", "referral", None, 0.0, 0.0, 0.0, 0.0),
    Channel("www.zenith-shop.example", "referral", None, 0.0, 0.0, 0.0, 0.0),
)
DIRECT, LOOKALIKE = 0, 4
PAYMENT_REFERRALS, SELF_REFERRAL = (10, 11), 12
INCREMENTALITY = np.array([channel.incrementality for channel in CHANNELS])


def channels_of(options: Options) -> tuple[Channel, ...]:
    """Return the channels with the campaigns that a shop writes, in the order of `CHANNELS`."""
    if not options.has("injections"):
        return CHANNELS
    campaigns = plant_campaigns([channel.campaign for channel in CHANNELS])
    return tuple(each._replace(campaign=campaign) for each, campaign in zip(CHANNELS, campaigns, strict=True))


def draw_channels(rng: np.random.Generator, use: str, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Draw the positions of `count` channels in `CHANNELS`; `use` is leads, closes or browses."""
    weights = np.array([getattr(channel, use) for channel in CHANNELS])
    return draw_weighted(rng, weights, count)
