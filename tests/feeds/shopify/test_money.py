import json

import pytest
from pyspark.sql import functions as F

from shoplake.columns.json import parse_json
from shoplake.feeds.shopify.money import ITEM, described, line_class, product_id, shop_money, taxes


@pytest.fixture
def asked(spark):
    """What a column made of an item is."""

    def ask(make, item):
        rows = spark.createDataFrame([(json.dumps({"item": item}),)], "raw string")
        [row] = (
            rows.select(parse_json("raw", f"item {ITEM}").alias("of"))
            .select(make(F.col("of.item")).alias("made"))
            .collect()
        )
        return row.made

    return ask


def test_shop_money_goes_before_the_plain_field(asked):
    both = {"price": "9", "price_set": {"shop_money": {"amount": "8"}}}

    assert [asked(lambda item: shop_money(item, "price"), each) for each in (both, {"price": "9"})] == ["8", "9"]


def test_taxes_are_added_up_and_unknown_without_a_list(asked):
    two = {"tax_lines": [{"price": "1.5"}, {"price": "2"}]}

    assert [str(asked(taxes, each)) for each in (two, {"tax_lines": []}, {"id": "1"})] == ["3.5000", "0.0000", "None"]


def test_gift_cards_are_no_goods(asked):
    assert [asked(line_class, {"id": "1", "gift_card": each}) for each in (True, False, None)] == [
        "other",
        "goods",
        "goods",
    ]


def test_tips_are_no_goods(asked):
    tips = ({"tip_payment_gateway": "card"}, {"tip_payment_method": "Visa"}, {"title": "Tip"})
    others = ({"title": "Tip", "product_id": 7}, {"title": "Tea"}, {"id": "1"})

    assert [asked(line_class, each) for each in (*tips, *others)] == ["other"] * 3 + ["goods"] * 3


def test_a_custom_item_is_its_stock_number_or_title(asked):
    items = ({"product_id": 7, "sku": "S"}, {"sku": "S", "title": "T"}, {"sku": "", "title": "T"})

    assert [asked(product_id, item) for item in items] == ["7", "S", "T"]


def test_an_item_is_described_by_what_it_says(asked):
    made = asked(lambda item: described(item, source=F.lit("pos")), {"title": "Mug", "vendor": None, "sku": ""})

    assert made == {"title": "Mug", "source": "pos"}
