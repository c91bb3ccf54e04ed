import json

import pytest

from shoplake.feeds import KINDS
from shoplake.project.landing_files import list_landing

ORDER = {"id": 1, "email": "a@example.org", "currency": "GBP", "line_items": [{"price": "1.00", "sku": "A"}]}
HEADS = {
    "online_retail": ("2010-12-01.csv", "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice\n"),
    "rees46": ("2019-Oct.csv", "event_time,event_type,product_id,category_id,category_code,brand,price,user_id\n"),
    "retailrocket": ("category_tree.csv", "categoryid,parentid\n"),
    "shopify": ("orders/1.json", json.dumps({"orders": [ORDER | {"financial_status": "paid", "total_tax": "0"}]})),
    "woocommerce": ("orders/1.json", json.dumps([ORDER | {"date_created_gmt": "2026-01-01", "discount_total": "0"}])),
    "segment": ("1.json", json.dumps({"messageId": "1", "anonymousId": "a", "type": "track", "event": "Viewed"})),
    "zenith": ("customers/1.csv", "customer_id,email,location,signup_date\n"),
}


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def look(folder, kind=None):
    return list_landing(str(folder), tuple(KINDS.values()), kind)


@pytest.mark.parametrize("kind", HEADS)
def test_files_look_like_the_kind_whose_paths_and_fields_they_have(kind, tmp_path):
    write(tmp_path, *HEADS[kind])

    assert look(tmp_path).looks_like is KINDS[kind]


def test_the_kind_of_most_files_counts(tmp_path):
    write(tmp_path, *HEADS["rees46"])
    for day in range(1, 4):
        write(tmp_path / "invoices", f"{day}.csv", HEADS["online_retail"][1])
        write(tmp_path, f"201{day}-12-01.csv", HEADS["online_retail"][1])

    assert look(tmp_path).kind is KINDS["online_retail"]


def test_files_that_the_kind_does_not_read_are_named(tmp_path):
    write(tmp_path, *HEADS["online_retail"])
    write(tmp_path, "notes.txt", "InvoiceNo,StockCode,Description")

    landing = look(tmp_path)

    assert (landing.read, landing.unread, landing.count) == (1, ("notes.txt",), 2)


def test_a_given_kind_counts_whatever_the_files_look_like(tmp_path):
    write(tmp_path, *HEADS["online_retail"])

    landing = look(tmp_path, KINDS["zenith"])

    assert (landing.kind, landing.looks_like) == (KINDS["zenith"], KINDS["online_retail"])
    assert landing.read == 0


def test_files_of_one_folder_look_like_the_kind_that_reads_some_of_them(tmp_path):
    write(tmp_path, "customers_export.csv", "Customer ID,First Name,Last Name\n")
    write(tmp_path, "orders_export_1.csv", "Name,Email,Financial Status,Paid at,Lineitem name\n")
    write(tmp_path, "unknown.csv", "Handle,Title,Vendor\n")

    assert look(tmp_path).looks_like is KINDS["shopify"]


def test_fields_that_every_tracker_has_are_no_sign_of_a_kind(tmp_path):
    visit = {"visitorId": "1", "userId": None, "actionDetails": [{"type": "action", "timestamp": 1}]}
    write(tmp_path, "visits.json", json.dumps([visit]))

    assert look(tmp_path).looks_like is None


def test_files_with_two_fields_of_a_kind_look_like_none(tmp_path):
    write(tmp_path, "orders.csv", "InvoiceNo,StockCode,mail\n")

    assert look(tmp_path).looks_like is None


def test_a_few_fields_of_a_kind_among_many_others_make_no_kind(tmp_path):
    shared = dict.fromkeys(("event_name", "user_id", "device", "platform"), "x")
    others = dict.fromkeys(("event_date", "event_timestamp", "event_params", "user_pseudo_id", "geo", "items"), "x")
    write(tmp_path, "events/1.json", json.dumps(others | shared) + "\n")

    assert look(tmp_path).looks_like is None


def test_fields_that_many_platforms_have_make_no_kind(tmp_path):
    refund = {"id": "re_1", "object": "refund", "amount": 1250, "charge": "ch_1", "currency": "eur", "reason": None}
    write(tmp_path, "refunds/page.json", json.dumps({"data": [refund | {"metadata": {}, "status": "succeeded"}]}))

    landing = look(tmp_path)

    assert landing.looks_like is None
    assert 'path="$.data[*]"' in landing.streams[0]


def test_of_files_that_differ_in_numbers_alone_the_first_and_the_last_are_opened(tmp_path):
    for day in range(1, 31):
        write(tmp_path, f"orders-{day:02}.csv", "nr;at\n1;2026-03-01\n")
    write(tmp_path, "people.csv", "nr;mail\n1;a@x.example\n")

    assert [stream.split('"')[1] for stream in look(tmp_path).streams] == ["orders-*.csv", "people.csv"]
