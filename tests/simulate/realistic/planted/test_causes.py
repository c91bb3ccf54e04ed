import numpy as np
import pytest

from shoplake.simulate.realistic.planted.causes import NO_CAUSE, PLANTED, draw_causes, has_cause
from shoplake.simulate.realistic.story import tell_story


@pytest.fixture(scope="module")
def story(world):
    return tell_story(world)


def causes_of(story, currencies=4):
    closed = story.world.lives.closed
    return [draw_causes(np.random.default_rng(n), story.placed, story.priced, currencies, closed) for n in range(40)]


def test_each_cause_is_in_one_order_of_a_hundred(story):
    counts = np.bincount(np.concatenate(causes_of(story)) + 1, minlength=len(PLANTED) + 1)[1:]
    shares = dict(zip(PLANTED, counts / (40 * len(story.placed)), strict=True))

    missing = shares.pop("product_missing")
    assert list(shares.values()) == pytest.approx([0.01] * 9, abs=0.002)
    assert 0.002 < missing < 0.01


def test_a_shop_with_one_currency_has_no_wrong_currency(story):
    assert not any(has_cause(causes, "currency").any() for causes in causes_of(story, currencies=1))


def test_corrected_orders_and_orders_by_phone_have_no_cause(story):
    other = story.priced.is_cancelled | story.priced.is_edited | ~story.placed.is_web

    assert all((causes[other] == NO_CAUSE).all() for causes in causes_of(story))


def test_a_cause_is_found_by_name():
    causes = np.array([PLANTED.index("unpaid"), NO_CAUSE, PLANTED.index("no_order")])

    assert has_cause(causes, "unpaid", "overpaid").tolist() == [True, False, False]
