"""The measures on Online Retail, trained before May 2011: new products of customers, and missing ones of baskets."""

from datetime import date

import duckdb
import pytest

from shoplake.ml.recommendations.baselines import count_popularity
from shoplake.ml.recommendations.evaluation import evaluate, select_known
from shoplake.ml.recommendations.local_ridge import fit_weights
from shoplake.ml.recommendations.pair_counts import PairCounts
from shoplake.ml.recommendations.questions import (
    Sale,
    ask_for_missing_products,
    ask_for_new_products,
    select_training_baskets,
)

pytestmark = [pytest.mark.real_data, pytest.mark.slow]
SPLIT = date(2011, 5, 1)
SALES = """
SELECT InvoiceNo, CustomerID, upper(trim(StockCode)), cast(regexp_extract(filename, '(....-..-..).csv', 1) AS date)
FROM read_csv('{folder}/20*.csv', all_varchar = true, filename = true)
WHERE regexp_matches(upper(trim(StockCode)), '^[0-9]{{5}}') AND regexp_matches(InvoiceNo, '^[0-9]')
  AND try_cast(Quantity AS int) > 0 AND filename < '{folder}/2011-06'
"""


@pytest.fixture(scope="module")
def sales(real_data):
    rows = duckdb.sql(SALES.format(folder=real_data / "online_retail")).fetchall()
    return [Sale(*row) for row in rows]


@pytest.fixture(scope="module")
def counts(sales):
    return PairCounts.of_baskets(select_training_baskets(sales, SPLIT))


@pytest.fixture(scope="module")
def measure(sales, counts):
    """Figures of the lists and of popularity in the last 30 days, for products that were sold before the split."""
    weights, share = fit_weights(counts), counts.alone / counts.baskets
    popularity = count_popularity(((each.day, each.product_id) for each in sales), counts.products, SPLIT, 30)

    def figures(ask):
        questions = select_known(ask(sales, {name: place for place, name in enumerate(counts.products)}, SPLIT))
        return evaluate(weights.scores, questions, share), evaluate(lambda _: popularity, questions, share)

    return figures


def test_new_products_of_customers_are_found(measure):
    ours, popular = measure(ask_for_new_products)

    assert len(ours.values["recall"]) == 719
    assert ours.values["recall"].mean() >= 0.095
    assert ours.values["ndcg"].mean() >= max(0.120, 1.6 * popular.values["ndcg"].mean())
    assert ours.difference(popular, "ndcg").low > 0
    assert ours.coverage >= 0.20


def test_missing_products_of_baskets_are_found(measure):
    ours, popular = measure(ask_for_missing_products)

    assert ours.values["recall"].mean() >= max(0.33, 4.5 * popular.values["recall"].mean())
    assert ours.values["reciprocal_rank"].mean() >= 0.165
    assert ours.coverage >= 0.30
