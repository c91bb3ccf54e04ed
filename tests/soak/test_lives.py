"""Lives are lived side by side and recorded in the order of their seeds."""

import pytest

from tools.soak.lives import Lives


@pytest.mark.slow
def test_lives_side_by_side_are_those_of_their_seeds_in_order(tmp_path):
    from tools.soak.simulation import simulate

    lived = [*Lives(2, 2, tmp_path).live(0, 4, seconds=600)]

    assert [each.seed for each in lived] == [0, 1, 2, 3]
    assert lived[1].life == simulate(1, 2) and [each.failure for each in lived] == [""] * 4


@pytest.mark.slow
def test_no_life_begins_once_the_time_is_over(tmp_path):
    assert [*Lives(1, 1, tmp_path).live(0, 4, seconds=0)] == []
