import json
from itertools import permutations

import pytest

from .recipes import lines_of, reasons_of

ORDERS = "order_id,purchased_at\n1,2026-03-01 09:30:00\n2,2026-03-02 10:00:00\n"
ITEMS = "order_id,item_id,product_id,price\n1,1,pear,0.60\n1,2,tea,4.00\n3,1,milk,1.00\n"
MORE_ITEMS = "order_id,item_id,product_id,price\n2,1,jam,two\n2,2,jam,3.00\n,1,jam,3.00\n"
FILES = {"orders.csv": ORDERS, "items.csv": ITEMS, "items_2.csv": MORE_ITEMS}


def test_the_recipe_for_nested_json_has_a_line_per_item(shop):
    lake, drop = shop("web_shop")
    item = {"sku": "pear", "qty": 2, "price": 0.6}
    orders = [{"id": "1", "placed": "2026-03-01T09:30:00Z", "items": [item, item | {"sku": "tea"}]}]
    drop("orders/a.json", json.dumps({"orders": [*orders, {"id": "2", "placed": "2026-03-01T10:00:00Z"}]}, indent=1))

    lake.run()

    assert [line[:4] for line in lines_of(lake)] == [("1", "1", "pear", "1.2000"), ("1", "2", "tea", "1.2000")]
    assert [json.loads(raw)["id"] for raw, _ in reasons_of(lake)] == ["2"]


def test_the_recipe_for_events_has_events_and_sales(shop):
    lake, drop = shop("tracker")
    event = {"at": "2026-03-01T09:30:00Z", "type": "product_view", "visitor": "v1", "item": "pear"}
    purchase = event | {"type": "purchase", "order": "1", "value": 0.6}
    drop("a.json", "".join(json.dumps(each) + "\n" for each in (event, event, purchase)))

    lake.run()

    assert lake.row_count("silver.events") == 2
    (day,) = lake.sql("SELECT product_view_visitors, purchase_visitors FROM gold.funnel_daily").collect()
    assert tuple(day) == (1, 1)
    assert [line[:4] for line in lines_of(lake)] == [("1", "1", "pear", "0.6000")]


@pytest.mark.slow
def test_the_recipe_for_several_files_completes_records_in_any_order_of_arrival(shop):
    whole, drop = shop("marketplace", "whole")
    for name, text in FILES.items():
        drop(name, text)
    whole.run()
    expected = lines_of(whole), reasons_of(whole)

    for at, names in enumerate(list(permutations(FILES))[1::2]):
        lake, drop = shop("marketplace", f"order{at}")
        for name in names:
            drop(name, FILES[name])
            lake.run()
        assert (lines_of(lake), reasons_of(lake)) == expected

    assert [line[:3] for line in expected[0]] == [("1", "1", "pear"), ("1", "2", "tea"), ("2", "2", "jam")]
    assert len(expected[1]) == 2


@pytest.mark.parametrize("time", ["2026-03-01 09:30:00", "2026-03-03 11:00:00"])
def test_a_corrected_item_stays_corrected_when_its_order_comes_again(shop, time):
    lake, drop = shop("marketplace")
    drop("orders.csv", ORDERS)
    for name, text in (
        ("items_9.csv", ITEMS),
        ("items_1.csv", ITEMS.replace("0.60", "0.75")),
        ("orders_2.csv", ORDERS.replace("2026-03-01 09:30:00", time)),
    ):
        drop(name, text)
        lake.run()
    lines = lines_of(lake)
    lake.run(full_refresh=True)

    assert [line[3] for line in lines] == ["0.7500", "4.0000"]
    assert lines_of(lake) == lines


def waiting_in(lake):
    rows = [row for row in lake.quality() if row["check_name"] == "waiting_for_parts"]
    return [(row["table"], row["rows_failed"], row["status"]) for row in rows]


@pytest.mark.slow
def test_an_item_whose_order_has_not_arrived_is_counted_and_not_quarantined(shop):
    lake, drop = shop("marketplace")
    drop("items.csv", ITEMS)

    result = lake.run()

    assert (lines_of(lake), reasons_of(lake)) == ([], [])
    assert result.waiting == {"silver.order_lines": 3}
    assert waiting_in(lake) == [("silver.order_lines", 3, "WARN")]


@pytest.mark.slow
def test_records_that_wait_are_listed_by_file_and_line_until_their_order_arrives(shop):
    lake, drop = shop("marketplace")
    drop("items.csv", ITEMS)
    lake.run()
    waiting = lake.waiting_records()
    drop("orders.csv", ORDERS)
    lake.run()

    [left] = lake.waiting_records("order_lines")
    assert [(each["table"], each["file"], each["line"]) for each in waiting] == [
        ("silver.order_lines", "items.csv", line) for line in (2, 3, 4)
    ]
    assert (left["feed"], left["line"], left["raw"].rstrip()) == ("shop", 4, "3,1,milk,1.00")
    assert lake.waiting_records("events") == []


@pytest.mark.slow
def test_what_waits_is_fewer_when_the_order_arrives(shop):
    lake, drop = shop("marketplace")
    for name, text in (("items.csv", ITEMS), ("orders.csv", ORDERS)):
        drop(name, text)
        lake.run()

    assert waiting_in(lake) == [("silver.order_lines", 1, "WARN")]


def test_the_recipe_for_charges_keeps_items_and_charges_of_an_order_in_two_files(shop):
    lake, drop = shop("etsy")
    items = ["Sale Date,Order ID,Transaction ID,Listing ID,Quantity,Price,Currency"]
    items += ['03/01/26,1,11,pear,2,"1,250.00",USD', "03/01/26,1,12,tea,1,4.00,USD", "03/02/26,2,13,tea,1,4.00,USD"]
    orders = ["Sale Date,Order ID,Discount Amount,Shipping,Sales Tax,Currency"]
    orders += ["03/01/26,1,1.00,4.50,0.62,USD", "03/02/26,2,,0.00,free,USD"]
    drop("EtsySoldOrderItems2026-3.csv", "\n".join(items))
    drop("EtsySoldOrders2026-3.csv", "\n".join(orders))

    lake.run()

    amounts = {line[:2]: line[3] for line in lines_of(lake)}
    assert amounts[("1", "11")] == "2500.0000"
    assert sum(map(float, amounts.values())) == 2500 + 4 + 4 - 1 + 4.5 + 0.62
    assert (len(amounts), reasons_of(lake)) == (7, [("2026-03-02,2,,0.00,free,USD", ["Sales Tax_fits_type"])] * 4)


def test_what_etsy_takes_off_the_shipping_is_less_shipping_in_both_spellings(shop):
    lake, drop = shop("etsy")
    of = (
        "Sale Date,Order ID,Discount Amount,{0} Discount,{0},Sales Tax,Currency\n03/01/26,{1},0.00,1.50,4.50,0.00,USD\n"
    )
    drop("EtsySoldOrders2026-3.csv", of.format("Shipping", 1))
    drop("EtsySoldOrders2026-4.csv", of.format("Delivery", 2))

    lake.run()

    charges = {line[:2]: float(line[3]) for line in lines_of(lake) if float(line[3])}
    assert charges == {("1", "-1"): 4.5, ("1", "-4"): -1.5, ("2", "-1"): 4.5, ("2", "-4"): -1.5}


def test_the_recipe_for_payments_reads_the_night_in_which_an_hour_occurs_twice(shop):
    lake, drop = shop("paypal")
    header = '"Datum","Uhrzeit","Zeitzone","Währung","Brutto","Transaktionscode","Rechnungsnummer"'
    rows = ["01.03.2026,10:15:00,CET,EUR,1.234§50,1A,R-1", "25.10.2026,02:30:00,CEST,EUR,10§00,2A,R-2"]
    rows += ["25.10.2026,02:30:00,CET,EUR,-10§00,3A,R-2", "26.10.2026,09:00:00,BST,EUR,7§00,4A,R-4"]
    rows += ["26.10.2026,10:00:00,CET,EUR,-1.000§00,5A,"]
    quoted = ['"' + row.replace(",", '","').replace("§", ",") + '"' for row in rows]
    drop("Download.CSV", "\ufeff" + "\r\n".join([header, *quoted]) + "\r\n")

    lake.run()

    found = lake.sql("SELECT payment_id, kind, amount, cast(paid_at AS string) AS at FROM silver.payments").collect()
    assert sorted((row.payment_id, row.kind, str(row.amount), row.at) for row in found) == [
        ("1A", "payment", "1234.50", "2026-03-01 09:15:00"),
        ("2A", "payment", "10.00", "2026-10-25 00:30:00"),
        ("3A", "refund", "-10.00", "2026-10-25 01:30:00"),
    ]
    [unknown] = lake.sql("SELECT raw, reasons FROM silver.payments_quarantine").collect()
    assert (unknown.raw.split(",")[-2], list(unknown.reasons)) == ("4A", ["paid_at_present"])


def test_the_recipe_for_payments_leaves_out_what_moves_no_money_of_an_order(shop):
    lake, drop = shop("paypal")
    names = ("Datum", "Uhrzeit", "Zeitzone", "Typ", "Währung", "Brutto", "Transaktionscode", "Rechnungsnummer")
    names += ("Auswirkung auf Guthaben",)
    of_order = "01.03.2026\t10:00:00\tCET\t{}\t{}\t{}\t{}\tR-1\t{}"
    rows = [of_order.format("Allgemeine Autorisierung", "USD", "100,00", "1A", "Memo")]
    rows += [of_order.format("PayPal Express-Zahlung", "USD", "100,00", "2A", "Haben")]
    rows += [of_order.format("Allgemeine Währungsumrechnung", "USD", "-100,00", "3A", "Soll")]
    rows += [of_order.format("Allgemeine Währungsumrechnung", "EUR", "88,00", "4A", "Haben")]
    rows += [of_order.format("Rückzahlung", "USD", "-20,00", "5A", "Soll")]
    quoted = [",".join(f'"{cell}"' for cell in cells) for cells in (names, *(row.split("\t") for row in rows))]
    drop("Download.CSV", "\ufeff" + "\r\n".join(quoted) + "\r\n")

    lake.run()

    found = lake.sql("SELECT payment_id, kind, amount, currency FROM silver.payments ORDER BY payment_id").collect()
    kept = [("2A", "payment", "100.00", "USD"), ("5A", "refund", "-20.00", "USD")]
    assert [tuple(map(str, row)) for row in found] == kept


def test_the_recipe_for_payments_in_cents_has_charges_and_refunds(shop):
    lake, drop = shop("stripe")
    charge = {"object": "charge", "amount": 5700, "amount_captured": 5700, "created": 1_770_973_200, "currency": "eur"}
    charge |= {"status": "succeeded", "metadata": {"order_id": "1001"}, "payment_method_details": {"type": "card"}}
    refund = {"id": "re_1", "amount": 1250, "created": 1_771_056_000, "currency": "eur", "status": "succeeded"}
    charges = [charge | {"id": "ch_1", "refunds": {"object": "list", "data": [refund]}}]
    charges += [charge | {"id": "ch_2", "currency": "jpy", "metadata": {}}, charge | {"id": "ch_3", "created": None}]
    charges += [charge | {"id": f"ch_{code}", "currency": code} for code in ("isk", "mga")]
    drop("charges/1.json", json.dumps({"object": "list", "has_more": False, "data": charges}, indent=1))

    lake.run()

    found = lake.sql("SELECT payment_id, order_id, kind, amount, currency, paid_at FROM silver.payments").collect()
    assert sorted(tuple(map(str, row)) for row in found) == [
        ("ch_1", "1001", "payment", "57.00", "EUR", "2026-02-13 09:00:00"),
        ("ch_2", "ch_2", "payment", "5700.00", "JPY", "2026-02-13 09:00:00"),
        ("ch_isk", "1001", "payment", "57.00", "ISK", "2026-02-13 09:00:00"),
        ("ch_mga", "1001", "payment", "5700.00", "MGA", "2026-02-13 09:00:00"),
        ("re_1", "1001", "refund", "-12.50", "EUR", "2026-02-14 08:00:00"),
    ]
    [unknown] = lake.sql("SELECT raw, reasons FROM silver.payments_quarantine").collect()
    assert (json.loads(unknown.raw)["id"], list(unknown.reasons)) == ("ch_3", ["paid_at_present"])


def test_an_export_that_a_spreadsheet_saved_is_read_with_other_options(shop):
    lake, drop = shop("saved_shopify")
    header = "Name;Id;Financial Status;Currency;Subtotal;Shipping;Taxes;Total;Created at;Lineitem quantity"
    rows = ["#1;501;paid;EUR;1.250,50;4,90;0,00;1.255,40;2026-03-01 10:00:00 +0100;1;Tasse, blau;1.250,50"]
    drop("orders_export.csv", "\n".join([f"{header};Lineitem name;Lineitem price", *rows]))

    lake.run()

    assert [line[:4] for line in lines_of(lake)] == [
        ("501", "-1", "None", "4.9000"),
        ("501", "1", "Tasse, blau", "1250.5000"),
    ]
