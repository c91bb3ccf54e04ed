from datetime import date

import numpy as np
import pyarrow.parquet as pq
import pytest

from shoplake.declare import Feed
from shoplake.feeds import ZENITH
from shoplake.ml.churn.evaluation.metrics import roc_auc
from shoplake.pipeline.models.known_ceiling import p_churn_at_best
from shoplake.simulate.realistic import generate_realistic

DAY = date(2025, 12, 1)
ZONE = "Europe/London"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The folder of a simulated shop over 400 days."""
    folder = tmp_path_factory.mktemp("shop")
    size = {"orders": 4_000, "customers": 900, "products": 20, "days": 400, "starts_on": date(2025, 2, 1)}
    generate_realistic(folder, seed=3, events=0, features=(), timezone=ZONE, **size)
    return folder


@pytest.fixture(scope="module")
def orders(shop):
    rows = pq.read_table(shop / "ground_truth/orders.parquet", columns=["customer_id", "order_date"]).to_pylist()
    return [(row["customer_id"], row["order_date"]) for row in rows if row["customer_id"]]


@pytest.fixture(scope="module")
def customers(orders):
    return np.array(sorted({customer for customer, day in orders if day < DAY}), object)


def feed(folder, name="shop"):
    return Feed(name, ZENITH, str(folder), ZONE, "GBP")


def test_it_is_calibrated_and_ranks_customers_by_their_real_outcome(shop, orders, customers):
    later = {customer for customer, day in orders if 0 <= (day - DAY).days < 90}
    is_churned = np.array([customer not in later for customer in customers], float)

    best = p_churn_at_best([feed(shop)], customers, DAY)

    assert best.mean() == pytest.approx(is_churned.mean(), abs=0.03)
    assert roc_auc(best, is_churned) > 0.8
    for low, high in ((0, 0.5), (0.5, 1)):
        chosen = (best >= low) & (best < high)
        assert best[chosen].mean() == pytest.approx(is_churned[chosen].mean(), abs=0.06)


def test_what_happens_from_the_day_on_does_not_count(shop, customers, tmp_path):
    (tmp_path / "ground_truth").mkdir()
    (tmp_path / "ground_truth.json").write_bytes((shop / "ground_truth.json").read_bytes())
    rows = pq.read_table(shop / "ground_truth/orders.parquet")
    earlier = rows.filter(np.array([day.as_py() < DAY for day in rows["order_date"]]))
    pq.write_table(earlier, tmp_path / "ground_truth/orders.parquet")
    people = pq.read_table(shop / "ground_truth/customers.parquet")
    pq.write_table(people, tmp_path / "ground_truth/customers.parquet")

    best, before = (p_churn_at_best([feed(each)], customers, DAY) for each in (shop, tmp_path))

    assert best.tolist() == before.tolist()


def test_it_is_unknown_without_the_parameters_of_one_shop(shop, customers, tmp_path):
    assert p_churn_at_best([feed(tmp_path)], customers, DAY) is None
    (tmp_path / "ground_truth.json").write_text('{"arguments": {}}')
    assert p_churn_at_best([feed(tmp_path)], customers, DAY) is None
    assert p_churn_at_best([feed(tmp_path), feed(shop, "other")], customers, DAY) is not None
    assert p_churn_at_best([feed(shop), feed(shop, "other")], customers, DAY) is None


def test_it_is_unknown_where_a_customer_is_not_of_the_shop(shop, customers):
    assert p_churn_at_best([feed(shop)], np.append(customers, "stranger"), DAY) is None
