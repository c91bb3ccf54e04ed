import numpy as np
import pytest

from shoplake.simulate.realistic.channels import (
    CHANNELS,
    INCREMENTALITY,
    PAYMENT_REFERRALS,
    SELF_REFERRAL,
    draw_channels,
)


@pytest.mark.parametrize("use", ["leads", "closes", "browses"])
def test_channels_are_drawn_by_their_shares_and_referrals_never(use):
    drawn = np.bincount(draw_channels(np.random.default_rng(1), use, 20_000), minlength=len(CHANNELS))
    shares = np.array([getattr(channel, use) for channel in CHANNELS])

    assert drawn / 20_000 == pytest.approx(shares / shares.sum(), abs=0.015)
    assert drawn[[*PAYMENT_REFERRALS, SELF_REFERRAL]].tolist() == [0, 0, 0]


def test_the_channel_that_closes_most_causes_nothing():
    closes = np.array([channel.closes for channel in CHANNELS])

    assert INCREMENTALITY[closes.argmax()] == 0 < INCREMENTALITY.max() <= 1
