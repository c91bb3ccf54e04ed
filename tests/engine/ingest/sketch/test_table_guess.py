import pytest

from shoplake.engine.ingest.sketch.table_guess import guess_table


@pytest.mark.parametrize(
    ("name", "fields", "table"),
    [
        ("Orders-*.csv", (), "orders_raw"),
        ("oc_order_product.csv", (), "orders_raw"),
        ("refunds/*.json", (), "refunds_raw"),
        ("klaviyo_profiles.json", (), "customers_raw"),
        ("shop/products_export.csv", (), "products_raw"),
        ("clicks.jsonl", (), "events_raw"),
        ("fx.csv", (), "exchange_rates_raw"),
        ("export.csv", ("Email", "Total"), "orders_raw"),
        ("export.csv", ("SKU", "Title"), "products_raw"),
        ("export.csv", ("E-Mail", "Name"), "customers_raw"),
        ("export.csv", ("a", "b"), "orders_raw"),
    ],
)
def test_a_file_is_of_the_table_that_its_name_or_its_fields_say(name, fields, table):
    assert guess_table(name, fields) == table
