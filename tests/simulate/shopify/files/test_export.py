from decimal import Decimal


def test_amounts_of_an_exported_order_add_up_to_its_total(exported):
    first = [row for row in exported.export() if row["Id"]]

    assert len(first) == exported.ground_truth["orders"]
    for row in first:
        subtotal, shipping, taxes, total = (Decimal(row[name]) for name in ("Subtotal", "Shipping", "Taxes", "Total"))
        on_top = taxes if row["Billing Country"] == "US" else 0
        assert total == subtotal + shipping + on_top


def test_rows_of_an_order_add_up_to_its_subtotal_and_discount(exported):
    goods = {}
    for row in exported.export():
        goods[row["Name"]] = goods.get(row["Name"], 0) + int(row["Lineitem quantity"]) * Decimal(row["Lineitem price"])

    assert goods == {
        row["Name"]: Decimal(row["Subtotal"]) + Decimal(row["Discount Amount"])
        for row in exported.export()
        if row["Id"]
    }


def test_an_export_takes_the_place_of_orders_transactions_and_refunds(exported):
    names = {path.name for path in exported.folder.iterdir()}

    assert names == {"orders_export_1.csv", "products", "customers", "ground_truth.json"}
    assert exported.ground_truth["lines"]["orders_export"] == len(exported.export())
