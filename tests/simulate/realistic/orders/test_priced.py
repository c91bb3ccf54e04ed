import numpy as np
import pytest

from shoplake.simulate.realistic.orders.priced import FREE_SHIPPING_FROM
from shoplake.simulate.realistic.story import tell_story


@pytest.fixture(scope="module")
def story(world):
    return tell_story(world)


def test_shipping_is_free_from_a_certain_sum_on(story):
    priced = story.priced

    assert ((priced.shipping == 0) == (priced.goods(final=False) >= FREE_SHIPPING_FROM)).all()


def test_a_first_discount_is_fifteen_percent_and_no_other_first_order_has_one(story):
    placed, priced = story.placed, story.priced
    first = (placed.ordinal == 0) & (placed.customer >= 0)
    share = priced.discount / priced.goods(final=False)

    assert share[placed.has_first_discount] == pytest.approx(0.15, abs=0.002)
    assert priced.discount[first & ~placed.has_first_discount].sum() == 0
    assert (priced.discount[~first] > 0).mean() == pytest.approx(0.15, abs=0.05)


def test_an_edited_order_has_one_more_piece_or_one_more_product(story):
    priced = story.priced
    more = np.bincount(priced.lines.order, priced.final_quantity - priced.lines.quantity, minlength=len(priced.at))

    assert more.tolist() == priced.is_edited.astype(float).tolist()
    assert (priced.lines.quantity == 0).any()


def test_corrections_come_later_and_exclude_each_other(story):
    priced = story.priced

    assert (priced.cancelled_at > priced.at).all() and (priced.edited_at > priced.at).all()
    assert not (priced.is_cancelled & priced.is_edited).any()
    assert priced.cancelled_at[priced.is_cancelled].max() < story.world.lives.closed
