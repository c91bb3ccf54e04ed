"""Lives of exports of Shopify's admin: their rows, and the oracle of their money."""

from decimal import Decimal
from random import Random

import pytest

from tools.soak.shop import shop_life
from tools.soak.shop.export_lake import ExportLake, orders_of
from tools.soak.shop.export_records import ExportRecords, as_row
from tools.soak.world import DifferenceError

FIRST = {"Name": "#1", "Financial Status": "paid", "Currency": "GBP", "Subtotal": "20.00", "Shipping": "3.00"}
FIRST |= {"Taxes": "1.20", "Total": "24.20", "Created at": "2026-03-28 09:00:00 +0100", "Id": "7"}
FIRST |= {"Lineitem quantity": "2", "Lineitem price": "10.50", "Lineitem name": 'Mug, "blue"'}
SECOND = {"Name": "#1", "Lineitem quantity": "1", "Lineitem price": "0.33", "Lineitem name": "Pot"}
MONEY = {"goods": Decimal("21.33"), "discount": Decimal("-1.33"), "shipping": Decimal(3), "tax": Decimal("1.2")}


def test_rows_are_the_same_for_the_same_seed():
    one, other = ([ExportRecords(Random(4), is_dated=False).texts("orders_export") for _ in range(9)] for _ in range(2))

    assert one == other


def test_the_rest_of_an_order_that_is_cut_begins_the_next_file():
    records = ExportRecords(Random(4), is_dated=False)
    files = [records.texts("orders_export") for _ in range(60)]

    assert any(row.split(",")[2] == "" and row.startswith("#") for row, *_ in files)


def test_the_money_of_an_order_is_that_of_its_rows_and_of_its_first_row():
    [(id, money)] = orders_of([as_row(FIRST), None, as_row(SECOND), "garbage"])

    assert (id, {name: each for name, each in money.items() if each}) == ("7", MONEY)


@pytest.mark.parametrize(("cells", "expected"), [({"Total": "23.00"}, None), ({"Duties": "2", "Total": "25"}, None)])
def test_taxes_within_the_total_are_no_amount(cells, expected):
    [(_, money)] = orders_of([as_row(FIRST | cells), as_row(SECOND)])

    assert money.get("tax") is expected


def test_rows_whose_first_one_is_elsewhere_are_no_order_and_a_cell_of_text_no_amount():
    assert list(orders_of([as_row(SECOND)])) == []
    assert list(orders_of([as_row(FIRST | {"Shipping": "x"})])) == [("7", None)]


def test_rows_of_an_order_are_found_in_their_file(tmp_path):
    shop = ExportLake(tmp_path, ("sales_daily",), kind="shopify")
    rows = [as_row(FIRST), as_row(SECOND), "garbage 1", "garbage 1"]
    shop.write("orders_export/m1.csv", rows)
    shop.ingest()

    found = {"file": "orders_export_m1.csv", "line": 2, "raw": "\n".join(rows[:2])}

    assert (shop.landing / "orders_export_m1.csv").exists()
    assert shop.places(found) == [("orders_export/m1.csv", 1), ("orders_export/m1.csv", 2)]
    assert shop.places(found | {"line": 4, "raw": "garbage 1"}) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_a_life_of_exports_ends_as_a_fresh_lake(seed):
    assert len(shop_life.simulate_export(seed, 4).steps) == 4


@pytest.mark.slow
@pytest.mark.sample
def test_money_that_is_not_that_of_the_export_is_named(tmp_path):
    shop = ExportLake(tmp_path, ("sales_daily",), kind="shopify")
    shop.write("orders_export/m1.csv", [as_row(FIRST), as_row(SECOND)])
    shop.lake.run()
    shop.ingest()
    shop.check_records([])

    shop.content.files["orders_export/m1.csv"] = [as_row(FIRST | {"Shipping": "4.00"}), as_row(SECOND)]

    with pytest.raises(DifferenceError, match=r"money by the exports, expected and found: .*'shipping'"):
        shop.check_records([])
