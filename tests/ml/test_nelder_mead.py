import numpy as np
import pytest

from shoplake.ml.nelder_mead import minimize


def valley(point):
    """Rosenbrock's function, which is least at 1, 1 at the end of a bent valley."""
    x, y = point
    return 100 * (y - x * x) ** 2 + (1 - x) ** 2


def test_the_end_of_a_bent_valley_is_found():
    assert minimize(valley, np.array([-1.2, 1.0]), tolerance=1e-14) == pytest.approx([1, 1], abs=1e-4)


def test_a_wall_of_infinity_is_not_crossed():
    def walled(point):
        return float("inf") if point[0] < 2 else valley(point)

    assert minimize(walled, np.array([3.0, 1.0]), tolerance=1e-14) == pytest.approx([2, 4], abs=1e-3)


def test_the_least_point_stays_where_it_is():
    assert minimize(valley, np.array([1.0, 1.0])) == pytest.approx([1, 1], abs=1e-6)
