import csv
import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shoplake.declare import Feed
from shoplake.feeds import ONLINE_RETAIL, SHOPIFY, ZENITH
from shoplake.feeds.zenith.native_format import NATIVE_FORMAT, example_record
from shoplake.project.linked_files import link_files
from shoplake.validation import validate_files

SHOP = Feed("shop", ZENITH, "nowhere", "Europe/London", "GBP")


def write(path, *records):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return path


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """A file of each stream with the example of the native format's page."""
    folder = tmp_path_factory.mktemp("examples")
    paths = []
    for name, fields in NATIVE_FORMAT.items():
        record = example_record(fields)
        path = write(folder / name / "2026-03-01.json", record)
        if name in {"customers", "exchange_rates", "spend"}:
            path = path.rename(path.with_suffix(".csv"))
            with path.open("w", newline="") as file:
                csv.writer(file).writerows([record.keys(), record.values()])
        if name == "products":
            path = path.rename(path.with_suffix(".parquet"))
            pq.write_table(pa.Table.from_pylist([record]), path)
        paths.append(path)
    return paths


@pytest.mark.slow
def test_the_examples_of_the_native_formats_page_are_valid(examples):
    result = validate_files(examples, SHOP)

    assert (result.is_valid, result.files, result.records, result.new_fields) == (True, 9, 9, ())
    assert {table.table: table.rows_quarantined for table in result.tables} == {
        f"silver.{name}": 0
        for name in ("events", "customers", "products", "order_lines", "payments", "exchange_rates", "ad_costs")
    }


@pytest.mark.sample
def test_each_reason_has_its_rows_and_the_first_record(tmp_path):
    order = example_record(NATIVE_FORMAT["orders"])
    bad = order | {"order_id": "o2", "lines": [{**order["lines"][0], "quantity": "two"}]}
    path = write(tmp_path / "orders/a.json", order, bad, bad | {"order_id": "o3"})

    result = validate_files([path], SHOP)

    [lines] = [table for table in result.tables if table.table == "silver.order_lines"]
    [violation] = [each for each in lines.violations if each.reason == "quantity_fits_type"]
    assert not result.is_valid
    assert (lines.rows_quarantined, violation.rows, violation.file, violation.line) == (2, 2, "orders/a.json", 2)
    assert json.loads(violation.raw) == bad


@pytest.mark.sample
@pytest.mark.parametrize(("name", "table", "rows"), [("events", "events", 1), ("orders", "order_lines", 2)])
def test_a_record_without_a_required_field_would_be_quarantined(tmp_path, name, table, rows):
    fields = NATIVE_FORMAT[name]
    example = example_record(fields)
    required = [field.name for field in fields if field.is_required]
    lacking = [{key: value for key, value in example.items() if key != each} for each in required]
    path = write(tmp_path / f"{name}/a.json", *lacking, example)

    result = validate_files([path], SHOP)

    [filled] = [each for each in result.tables if each.table == f"silver.{table}"]
    assert filled.rows_valid == rows  # those of the example: an article, and for an order its shipping
    assert filled.rows_quarantined >= len(required)


@pytest.mark.slow
def test_a_document_that_is_read_as_lines_is_one_misread_file(tmp_path):
    path = tmp_path / "orders/a.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"orders": [example_record(NATIVE_FORMAT["orders"])]}, indent=2))

    result = validate_files([path], SHOP)

    assert (result.records, len(result.misread)) == (1, 1)
    assert result.misread[0].startswith("orders/a.json is one JSON document")


def test_a_column_that_a_header_has_twice_is_named(tmp_path):
    path = tmp_path / "retail.csv"
    columns = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    record = "536365,85123A,HEART,6,2010-12-01 08:26,2.55,17850,France"
    path.write_text(f"{columns},Quantity\n{record},6\n{record},60\n")

    result = validate_files([path], replace(SHOP, kind=ONLINE_RETAIL))

    assert result.duplicate_columns == ("retail.csv has 2 columns 'Quantity'",)
    assert [each.reason for table in result.tables for each in table.violations] == ["duplicate_columns"]


def test_an_invoice_that_is_split_over_two_files_is_told(tmp_path):
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    line = "536365,{},HEART,6,2010-12-01 08:26,2.55,17850,France"
    files = [tmp_path / "1.csv", tmp_path / "2.csv"]
    for file, articles in zip(files, ("AB", "C"), strict=True):
        file.write_text("\n".join([header, *map(line.format, articles)]))

    result = validate_files(files, replace(SHOP, kind=ONLINE_RETAIL))

    [lines] = [table for table in result.tables if table.table == "silver.order_lines"]
    assert (lines.rows_valid, lines.rows_superseded) == (1, 2)


def test_an_order_that_begins_in_another_file_is_told_what_to_do(tmp_path):
    path = tmp_path / "orders_export_2.csv"
    path.write_text(
        "Name,Email,Financial Status,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,"
        "Lineitem price\n"
        "#1,a@x.example,,,,,2026-03-01 10:00:00 +0100,1,Cup,2.00\n"
    )

    result = validate_files([path], replace(SHOP, kind=SHOPIFY))

    [violation] = [each for table in result.tables for each in table.violations]
    assert (violation.reason, violation.hint) == (
        "first_row_missing",
        "Put this file behind the one in which the order begins, into one file",
    )


def test_a_kind_of_ones_own_is_told_which_options_and_fields_it_may_lack(tmp_path):
    path = tmp_path / "retail.csv"
    columns = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    path.write_text(
        f"{columns}\n536365,85123A,HEART,6,2010-12-01 08:26,£2.55,17850,France\n1,2\n"
        "536366,85123A,HEART,6,,2.55,17850,France\n"
    )
    [stream] = ONLINE_RETAIL.streams
    own = replace(ONLINE_RETAIL, name="till", streams=(replace(stream, fields=(*stream.fields, "Discount")),))

    result, theirs = (validate_files([path], replace(SHOP, kind=kind)) for kind in (own, ONLINE_RETAIL))

    hints = {each.reason: (each.hint or "")[:31] for table in result.tables for each in table.violations}
    assert hints["UnitPrice_fits_type"] == "If it is written as meant, decl"
    assert hints["fields_fit_header"] == "It has another number of cells "
    assert hints["ordered_at_present"] == "It has no time that the mapping"
    assert result.missing_fields == ("orders_raw.Discount",)
    assert [each.hint for table in theirs.tables for each in table.violations if each.hint] == []


def test_a_file_keeps_the_end_of_its_path_that_a_stream_matches(tmp_path):
    paths = [write(tmp_path / "deep/orders/a.json"), write(tmp_path / "deep/events/b.json")]

    assert link_files(paths, ZENITH, tmp_path / "landing") == (["orders/a.json", "events/b.json"], [])
    assert (tmp_path / "landing/orders/a.json").resolve() == paths[0].resolve()


def test_a_file_that_no_stream_reads_is_named_beside_those_that_are_read(tmp_path):
    paths = [write(tmp_path / "README.txt"), write(tmp_path / "orders/a.json")]

    assert link_files(paths, ZENITH, tmp_path / "landing") == (["orders/a.json"], [str(paths[0])])
