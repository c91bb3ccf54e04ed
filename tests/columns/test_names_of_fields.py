from shoplake.columns.raw_record import field_names, json_record
from shoplake.tables.bronze.orders_raw import orders_raw


def test_fields_may_have_any_name(some):
    fields = "`$id` string, `Item Name` string, price string, nested struct<`$value`:string>"
    text = '{"$id": "a", "Item Name": "Mug", "price": 1.5, "nested": {"$value": 12345678901234.5678}}'

    raw = some(orders_raw, {"feed": "shop", "raw": text})
    row = json_record(raw, fields, numbers=("$value",)).first()

    assert field_names(fields) == ("$id", "Item Name", "price", "nested")
    assert (row["$id"], row["Item Name"], row["price"]) == ("a", "Mug", "1.5")
    assert row["nested"]["$value"] == "12345678901234.5678"


def test_a_long_number_of_a_field_with_a_sign_in_its_name_keeps_its_digits(some):
    raw = some(orders_raw, {"feed": "shop", "raw": '{"$total (net)": 12345678901234.5678}'})

    row = json_record(raw, "`$total (net)` string", numbers=("$total (net)",)).first()

    assert row["$total (net)"] == "12345678901234.5678"
