import csv
import io
from datetime import datetime
from decimal import Decimal

import pytest

from shoplake.columns.raw_record import TYPE_ERRORS
from shoplake.declare import Feed
from shoplake.feeds import SHOPIFY
from shoplake.feeds.shopify.export import EXPORT_FIELDS, exported_lines, exported_payments
from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.transforms.expectations import VIOLATIONS

FEED = Feed("shop", SHOPIFY, "landing", "Europe/Berlin", "EUR")
FIRST = {"Name": "#1001", "Email": "Ann@shop.example", "Financial Status": "paid", "Fulfillment Status": "fulfilled"}
FIRST |= {"Currency": "EUR", "Subtotal": "39.50", "Shipping": "5.00", "Taxes": "4.45", "Total": "48.95"}
FIRST |= {"Created at": "2026-03-02 00:30:00 +0100", "Paid at": "2026-03-02 00:31:00 +0100", "Id": "500"}
FIRST |= {"Lineitem quantity": "3", "Lineitem name": "Mug, blue", "Lineitem price": "10.00", "Lineitem sku": "MUG-B"}
FIRST |= {"Shipping Country": "DE", "Payment Method": "card", "Outstanding Balance": "8.95", "Vendor": "Acme"}
SECOND = {"Name": "#1001", "Email": "Ann@shop.example", "Created at": "2026-03-02 00:30:00 +0100"}
SECOND |= {"Lineitem quantity": "1", "Lineitem name": "Cap", "Lineitem price": "12.50"}
HEADER = ",".join(EXPORT_FIELDS)
NO_AMOUNT = {"amount_fits_type"}


def row(cells):
    text = io.StringIO()
    csv.DictWriter(text, EXPORT_FIELDS, lineterminator="").writerow(cells)
    return text.getvalue()


@pytest.fixture
def built(lines_of):
    """The lines of exported rows, with the rules they violate."""
    return lambda *rows: lines_of(exported_lines, FEED, *rows, header=HEADER, file="orders_export.csv")


def test_rows_of_an_order_become_its_lines(built):
    rows = built(row(FIRST), row(SECOND))

    assert [(each.line_number, each.line_class, each.product_id, each.amount) for each in rows] == [
        (-3, "tax", None, Decimal("4.45")),
        (-2, "discount", None, Decimal("-3.00")),
        (-1, "shipping", None, 5),
        (1, "goods", "MUG-B", 30),
        (2, "goods", "Cap", Decimal("12.50")),
    ]
    assert [each[VIOLATIONS] for each in rows] == [[]] * 5


def test_what_the_first_row_says_is_true_of_all(built):
    rows = built(row(FIRST), row(SECOND))

    output = {(each.order_id, each.status, each.country, each.currency, each.ordered_at) for each in rows}
    assert output == {("500", "fulfilled", "DE", "EUR", datetime(2026, 3, 1, 23, 30))}
    assert len({each.customer_id for each in rows}) == len({each.payload_hash for each in rows}) == 1


def test_amounts_add_up_to_the_total_of_the_export(built):
    assert sum(each.amount for each in built(row(FIRST), row(SECOND))) == Decimal(FIRST["Total"])


def test_taxes_within_the_prices_are_no_line(built):
    rows = built(row(FIRST | {"Total": "44.50"}), row(SECOND))

    assert [each for each in rows if each.line_class == "tax"] == []
    assert sum(each.amount for each in rows) == Decimal("44.50")


@pytest.mark.parametrize(("total", "taxes"), [("51.50", []), ("55.95", [Decimal("4.45")])], ids=["within", "on top"])
def test_duties_of_the_export_are_a_line_and_no_sign_of_taxes(built, total, taxes):
    rows = built(row(FIRST | {"Duties": "7.00", "Total": total}), row(SECOND))

    assert [each.amount for each in rows if each.line_class == "tax"] == taxes
    assert [(each.line_number, each.amount) for each in rows if each.line_class == "other"] == [(-5, 7)]
    assert sum(each.amount for each in rows) == Decimal(total)


def test_a_row_that_is_cut_is_quarantined_alone(built):
    cut = row(SECOND)[:20]

    [bad] = [each for each in built(row(FIRST), row(SECOND), cut) if each[VIOLATIONS]]

    assert (bad[VIOLATIONS], bad._source.raw, bad._source.line) == (["fields_fit_header"], cut, 3)


def test_rows_of_an_order_whose_first_row_is_in_another_file_are_quarantined(built):
    rows = built(row(SECOND), row(FIRST | {"Name": "#1002", "Id": "501"}))

    assert {each._source.line: each[VIOLATIONS] for each in rows} == {1: ["first_row_missing"], 2: []}
    assert {each.order_id for each in rows if not each[VIOLATIONS]} == {"501"}


@pytest.mark.parametrize("name", ["Subtotal", "Shipping", "Taxes", "Total", "Duties"])
def test_an_order_whose_first_row_has_no_number_for_an_amount_is_quarantined(built, name):
    assert {rule for each in built(row(FIRST | {name: "1,00"}), row(SECOND)) for rule in each[VIOLATIONS]} >= NO_AMOUNT


@pytest.mark.parametrize("name", ["Total", "Outstanding Balance"])
def test_a_payment_of_no_number_is_a_type_error(arrived, name):
    raw = arrived(orders_raw, row(FIRST | {name: "1,00"}), row(SECOND), header=HEADER, file="orders_export.csv")

    assert [each[TYPE_ERRORS] for each in exported_payments(raw, FEED).collect()] == [["amount_fits_type"]]


@pytest.mark.parametrize(("refunded", "expected"), [("12.50", ["12.50", None]), ("0.00", [None] * 2), ("", [None] * 2)])
def test_what_was_refunded_is_an_attribute_of_the_first_item(built, refunded, expected):
    rows = built(row(FIRST | {"Refunded Amount": refunded}), row(SECOND))

    assert [each.attributes.get("refunded") for each in rows if each.line_class == "goods"] == expected


def test_what_is_outstanding_is_not_paid(arrived):
    raw = arrived(orders_raw, row(FIRST), row(SECOND), header=HEADER, file="orders_export.csv")

    [paid] = exported_payments(raw, FEED).collect()

    assert (paid.order_id, paid.amount, paid.method, paid.status) == ("500", Decimal("40.00"), "card", "paid")
