import csv
from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import pytest

from shoplake.feeds import ONLINE_RETAIL
from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.tables.bronze.refunds_raw import refunds_raw
from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.products import products
from shoplake.transforms.expectations import VIOLATIONS, evaluate_expectations

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
MUG = ("536365", "85123A", "MUG", "6", "2010-12-01 08:26:00", "2.55", "17850.0", "United Kingdom")


def line(**other):
    names = HEADER.split(",")
    return ",".join((dict(zip(names, MUG, strict=True)) | other).values())


@pytest.fixture
def build(arrived, some, online_retail):
    """The order lines, in the order of the file, with the rules they break."""

    def build(*lines, header=HEADER):
        raw = arrived(orders_raw, *lines, header=header), some(refunds_raw), some(events), some(products)
        rows = evaluate_expectations(order_lines(*raw, feeds=(online_retail,)), order_lines.expectations)
        return rows.orderBy("line_number").collect()

    return build


def test_every_csv_of_the_folder_matches_and_nothing_else():
    [stream] = ONLINE_RETAIL.streams

    matching = [
        path for path in ("2010-12-01.csv", "a.csv.gz", "old/a.csv", "a.json", "a.csv.tmp") if stream.matches(path)
    ]

    assert (matching, stream.into) == (["2010-12-01.csv", "a.csv.gz"], "orders_raw")


def test_an_invoice_line_becomes_an_order_line(build):
    [mug] = build(line())

    assert (mug.order_id, mug.document_id, mug.line_number, mug.kind, mug.line_class) == (
        *("536365", "536365", 1),
        *("sale", "goods"),
    )
    assert (mug.quantity, mug.unit_price, mug.amount) == (6, Decimal("2.5500"), Decimal("15.3000"))
    assert (mug.ordered_at, mug.order_date) == (datetime(2010, 12, 1, 8, 26), date(2010, 12, 1))
    assert (mug.customer_id, mug.country, mug.currency, mug[VIOLATIONS]) == ("17850", "United Kingdom", "GBP", [])


FITS = [
    ("536365", "1", "0", "sale", []),
    ("536365", "0", "1", "sale", ["quantity_fits_kind"]),
    ("536365", "-1", "1", "sale", ["quantity_fits_kind"]),
    ("536365", "1", "-1", "sale", ["unit_price_not_negative"]),
    ("C536379", "-1", "27.50", "return", []),
    ("C536379", "1", "27.50", "return", ["quantity_fits_kind"]),
    ("C536379", "0", "27.50", "return", ["quantity_fits_kind"]),
    ("C536379", "-1", "-27.50", "return", ["unit_price_not_negative"]),
    ("A563186", "1", "-11062.06", "adjustment", []),
    ("A563186", "-1", "11062.06", "adjustment", []),
    ("536365", "-1", "-1", "sale", ["quantity_fits_kind", "unit_price_not_negative"]),
]
"""Invoice, quantity and price of lines, with their kind and the rules that they violate."""


def test_the_invoice_number_decides_the_kind_and_the_kind_what_fits(build):
    rows = build(
        *[line(InvoiceNo=invoice, Quantity=quantity, UnitPrice=price) for invoice, quantity, price, *_ in FITS]
    )

    found = [(row["_source"].line, row.kind, row[VIOLATIONS], row.amount) for row in rows]
    assert sorted(found) == [
        (number, kind, violations, Decimal(quantity) * Decimal(price))
        for number, (_, quantity, price, kind, violations) in enumerate(FITS, 1)
    ]


def test_the_stock_code_decides_the_class(build):
    codes = ["85123A", "22423", "POST", "DOT", "C2", "D", "M", "BANK CHARGES", "S", "1234", "post", "d", " 84029g "]

    rows = build(*[line(StockCode=code) for code in codes])

    classes = ["goods"] * 2 + ["shipping"] * 3 + ["discount"] + ["other"] * 4 + ["shipping", "discount", "goods"]
    assert [row.line_class for row in rows] == classes
    assert [row.product_id for row in rows[-3:]] == ["POST", "D", "84029G"]


def test_a_customer_written_as_a_fraction_is_a_number_and_a_missing_one_counts(build):
    rows = build(*[line(CustomerID=customer) for customer in ("17850.0", "17850", "17800.0", "")])

    assert [row.customer_id for row in rows] == ["17850", "17850", "17800", None]
    assert [row[VIOLATIONS] for row in rows] == [[]] * 4


def test_equal_lines_within_a_file_both_count(build):
    rows = build(line(), line())

    assert len({tuple(row[name] for name in order_lines.key) for row in rows}) == 2


def test_local_time_becomes_utc_across_both_changes_of_the_clock(build):
    local = ["2011-03-27 00:59:00", "2011-03-27 02:00:00", "2011-07-01 00:30:00", "2011-10-30 00:30:00"]
    local += ["2011-10-30 02:30:00", "2011-12-01 00:30:00"]

    rows = build(*[line(InvoiceDate=time) for time in local])

    utc = ["2011-03-27 00:59", "2011-03-27 01:00", "2011-06-30 23:30", "2011-10-29 23:30"]
    utc += ["2011-10-30 02:30", "2011-12-01 00:30"]
    assert [f"{row.ordered_at:%Y-%m-%d %H:%M}" for row in rows] == utc
    assert [f"{row.order_date}" for row in rows] == [time[:10] for time in local]


def test_text_that_does_not_fit_is_a_reason(build):
    rows = build(line(Quantity="six"), line(UnitPrice="£2"), line(InvoiceDate="soon"), line(InvoiceNo=""), "536365,1")

    assert [row[VIOLATIONS][0] for row in rows] == [
        *("Quantity_fits_type", "UnitPrice_fits_type", "InvoiceDate_fits_type"),
        *("order_id_present", "fields_fit_header"),
    ]
    assert rows[-1][VIOLATIONS] == ["fields_fit_header"]


def test_a_quoted_description_shifts_no_column(build):
    [row] = build(line(Description='"AIRLINE LOUNGE, METAL ""SIGN"""'))

    assert (row.quantity, row[VIOLATIONS]) == (6, [])


@pytest.mark.real_data
def test_a_real_day_adds_up(build, real_data):
    path = real_data / "online_retail" / "2010-12-01.csv"
    header, *lines = path.read_text().splitlines()
    with path.open(newline="") as file:
        records = list(csv.DictReader(file))

    rows = build(*lines, header=header)

    assert sum(row.amount for row in rows) == sum(Decimal(t["Quantity"]) * Decimal(t["UnitPrice"]) for t in records)
    kinds = Counter({"C": "return", "A": "adjustment"}.get(each["InvoiceNo"][0], "sale") for each in records)
    assert Counter(row.kind for row in rows) == kinds
    assert {row.customer_id for row in rows} - {None} == {each["CustomerID"][:5] for each in records} - {""}
