import numpy as np
import pytest

from .sample_sales import FIRST, draw_sales

pytest.importorskip("implicit")

from datetime import timedelta

from shoplake.ml.recommendations.alternating import fit_factors

SALES = draw_sales(200)
PRODUCTS = sorted({sale.product_id for sale in SALES})
SPLIT = FIRST + timedelta(days=40)


def test_factors_score_every_product_and_are_the_same_for_a_seed():
    score, again = (fit_factors(SALES, PRODUCTS, SPLIT, seed=7, factors=4) for _ in range(2))

    assert len(score({0: 1.0})) == len(PRODUCTS)
    assert np.allclose(score({0: 1.0, 1: 1.0}), again({0: 1.0, 1: 1.0}))
