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


def test_the_tax_of_an_export_is_the_one_on_top_of_its_prices(exported):
    orders = [row for row in exported.export() if row["Billing Country"] == "US"]
    valid = [row for row in orders if row["Id"] and not row["Cancelled at"]]

    days = exported.ground_truth["sales_daily"].values()
    assert sum(Decimal(day["tax"] or 0) for day in days) == sum(Decimal(row["Taxes"]) for row in valid) > 0
