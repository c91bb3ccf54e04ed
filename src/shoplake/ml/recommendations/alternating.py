"""Alternating least squares of the package `implicit`, to compare with; needs the dependency group `peers`."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import implicit
import numpy as np
from scipy import sparse  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from shoplake.ml.recommendations.evaluation import Scorer
    from shoplake.ml.recommendations.questions import Sale


def fit_factors(sales: Sequence[Sale], products: Sequence[str], split: date, seed: int, factors: int = 64) -> Scorer:
    """Return the scores by factors that were fitted to the customers' purchases before the split.

    A context is folded in as a new customer. One thread: with several, two fits differ.
    """
    places = {name: place for place, name in enumerate(products)}
    bought = sorted(
        {(sale.customer_id, places[sale.product_id]) for sale in sales if sale.customer_id and sale.day < split}
    )
    users = {name: place for place, name in enumerate(sorted({name for name, _ in bought}))}
    rows, columns = [users[name] for name, _ in bought], [place for _, place in bought]
    matrix = sparse.csr_matrix((np.ones(len(bought), dtype=np.float32), (rows, columns)), (len(users), len(products)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # asks for one thread of BLAS, which is only a matter of speed
        model = implicit.als.AlternatingLeastSquares(factors, random_state=seed, num_threads=1)
        model.fit(matrix, show_progress=False)

    def score(context: Mapping[int, float]) -> NDArray[np.float64]:
        entries = (np.ones(len(context), dtype=np.float32), ([0] * len(context), list(context)))
        customer = model.recalculate_user([0], sparse.csr_matrix(entries, (1, len(products))))
        return np.asarray(customer @ model.item_factors.T, dtype=np.float64).ravel()

    return score
