from decimal import Decimal

import pytest

from shoplake.cli.demo import journey_queries
from shoplake.lake import Lake

pytestmark = pytest.mark.slow  # the lake of a demo has all tables


@pytest.fixture(scope="module")
def shop_lake(demo):
    return Lake.open(demo[0] / "shoplake.toml")


def test_what_leaves_a_page_type_is_shared_among_its_paths(shop_lake):
    rows = journey_queries.paths(shop_lake, top=1_000)

    of_types = {row["from_type"]: 0.0 for row in rows}
    for row in rows:
        of_types[row["from_type"]] += row["of_step"]
    assert of_types and all(share == pytest.approx(1) for share in of_types.values())


def test_each_model_credits_the_same_revenue(shop_lake):
    rows = journey_queries.attribution(shop_lake, "GBP")

    sums = {model: sum(row[model] or 0 for row in rows) for model in journey_queries.MODELS}
    assert len(set(sums.values())) == 1 and sums["last"] > 0


def test_causes_and_sums_of_the_money_are_those_of_all_orders(shop_lake):
    totals, causes = journey_queries.totals(shop_lake, "GBP"), journey_queries.causes(shop_lake, "GBP")

    assert totals["unexplained"] == 0
    between = ("no_event", "no_order", "duplicate_event", "quantity_differs", "price_differs", "product_missing")
    between += ("currency", "discount", "shipping", "charges")
    explained = sum(causes[name]["amount"] for name in between if name in causes)
    assert totals["event_revenue"] + explained == totals["order_revenue"] > Decimal(0)
