import numpy as np
import pytest

from shoplake.simulate.rng import Popularity, draw_integers, draw_weighted, rng_for, scramble


def test_the_same_arguments_give_the_same_chance_and_others_another():
    drawn = [rng_for(*given).random() for given in ((1, "a", 2), (1, "a", 2), (2, "a", 2), (1, "b", 2), (1, "a", 3))]

    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 4


def test_numbers_are_mixed_one_to_one_and_each_subject_in_its_own_way():
    numbers = np.arange(10_000)
    events, sessions = scramble(numbers, 1, "event"), scramble(numbers, 1, "visit")

    assert len(set(events.tolist()) | set(sessions.tolist())) == 20_000
    assert events.tolist() != sorted(events.tolist())


def test_positions_are_drawn_as_often_as_their_weights_say():
    drawn = draw_weighted(rng_for(1, "test"), (1.0, 0.0, 3.0), 10_000)

    shares = np.bincount(drawn, minlength=3) / 10_000
    assert shares.tolist() == pytest.approx([0.25, 0, 0.75], abs=0.02)


def test_whole_numbers_lie_between_their_bounds():
    assert set(draw_integers(rng_for(1, "test"), 2, 5, 1_000).tolist()) == {2, 3, 4}


def test_the_most_popular_product_is_drawn_about_as_zipf_says():
    drawn = np.bincount(Popularity(50, 1).draw(rng_for(1, "test"), 50_000), minlength=50)
    first, second = sorted(drawn.tolist())[:-3:-1]

    assert len(drawn) == 50
    assert first / second == pytest.approx(2**1.1, rel=0.1)
