"""Lives of shops of foreign formats: their records, their pages, and the oracle of their money."""

import json
from decimal import Decimal
from random import Random

import pytest

from tools.soak.shop import shop_life
from tools.soak.shop.foreign_money import check_money, documents
from tools.soak.shop.shop_files import write_file
from tools.soak.shop.shop_lake import ShopLake
from tools.soak.shop.shopify_records import FOREIGN
from tools.soak.world import DifferenceError

ORDER = {
    **{"id": 1, "created_at": "2026-03-28T09:00:00Z", "updated_at": "2026-03-28T09:00:00Z", "taxes_included": True},
    **{"currency": "GBP", "financial_status": "paid", "total_discounts": "3.00", "total_tip_received": "0.00"},
    "line_items": [
        {
            "id": 11,
            "product_id": 1,
            "title": "Pot",
            "quantity": 3,
            "current_quantity": 1,
            "price": "10",
            "gift_card": False,
        }
        | {"discount_allocations": [{"amount": "0.50"}]}
    ],
    "shipping_lines": [{"price": "77", "price_set": {"shop_money": {"amount": "2.50"}}}],
    "refunds": [
        {
            "id": 5,
            "created_at": "2026-03-29T09:00:00Z",
            "order_adjustments": [{"kind": "shipping_refund", "amount": "-1"}],
        }
        | {"refund_line_items": [{"id": 51, "line_item_id": 11, "quantity": 1, "subtotal": "9.50"}]}
    ],
}
"""Three pots, of which an edit removed one and one came back."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 3, 6])
def test_a_life_of_a_foreign_format_ends_as_a_fresh_lake(seed):
    assert len(shop_life.simulate_foreign(seed, 4).steps) == 4


@pytest.mark.parametrize("kind", FOREIGN)
def test_records_of_a_foreign_format_are_the_same_for_the_same_seed(kind):
    one, other = (FOREIGN[kind](Random(4)) for _ in range(2))

    for stream in FOREIGN[kind].streams:
        assert one.texts(stream, 20) == other.texts(stream, 20)


def test_a_refund_that_comes_again_says_the_same():
    texts = {text for text in FOREIGN["woocommerce"](Random(4)).texts("refunds", 200) if text.startswith("{")}

    ids = [json.loads(text)["id"] for text in texts if json.loads(text)["id"] is not None]
    assert len(ids) == len({*ids}) > 5


@pytest.mark.parametrize(
    ("name", "expected"), [("page1", {"orders": [{}, 2]}), ("batch2", {"batch": [{}, 2]}), ("array3", [{}, 2])]
)
def test_a_page_is_one_document_whose_first_record_is_on_the_second_line(tmp_path, name, expected):
    write_file(file := tmp_path / f"orders/{name}.json", ["{}", None, "2"])

    assert json.loads(file.read_text()) == expected
    assert file.read_text().splitlines()[1] == "{},"


def test_the_money_of_an_order_is_of_what_an_edit_left_and_that_of_its_refund_is_below_zero():
    order, refund = documents("shopify", "orders", json.dumps(ORDER))

    assert order[2] == {"goods": Decimal(20), "shipping": Decimal("2.5"), "discount": Decimal("-0.33")}
    assert refund[2] == {"goods": Decimal("-9.5"), "shipping": Decimal(-1)}


@pytest.mark.slow
@pytest.mark.sample
def test_money_that_is_not_what_the_records_say_is_named(tmp_path):
    shop = ShopLake(tmp_path, ("sales_daily",), kind="shopify")
    shop.write("orders/page1.json", [json.dumps(ORDER)])
    shop.lake.run()
    shop.ingest()
    check_money(shop)

    shop.content.files["orders/page1.json"] = [json.dumps(ORDER | {"total_tip_received": "1.00"})]

    with pytest.raises(DifferenceError, match=r"money by its records, expected and found: .*'other'"):
        check_money(shop)
