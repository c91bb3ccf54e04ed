import csv
from collections import Counter

import pyarrow.parquet as pq
import pytest


def cells(landing) -> list[list[str]]:
    return [row for lines in landing.lines("customers").values() for row in list(csv.reader(lines))[1:]]


def test_without_dirt_there_is_no_dirty_record(clean):
    kinds = {(stream, kind): n for stream, found in clean.truth["dirt"].items() for kind, n in found.items() if n}

    assert kinds == {}
    assert all(len(row) == 6 and "@" in row[3] and row[0] for row in cells(clean))


@pytest.mark.parametrize(
    ("kind", "is_wrong"),
    [
        ("invalid_email", lambda row: len(row) > 3 and row[3] == "not-an-email"),
        ("missing_column", lambda row: len(row) == 5),
        ("extra_column", lambda row: len(row) == 7),
        ("missing_customer_id", lambda row: row[0] == ""),
    ],
)
def test_each_mistake_in_customers_is_found_as_often_as_told(dirty, kind, is_wrong):
    assert sum(map(is_wrong, cells(dirty))) == dirty.truth["quarantined"]["customers"][kind] > 0


def test_each_mistake_in_products_is_found_as_often_as_told(dirty):
    rows = [row for path in (dirty.folder / "products").iterdir() for row in pq.read_table(path).to_pylist()]
    found = {
        "negative_price": sum(row["price"] < 0 for row in rows),
        "missing_product_id": sum(row["product_id"] is None for row in rows),
    }

    assert found == dirty.truth["quarantined"]["products"]
    assert min(found.values()) > 0


@pytest.mark.parametrize("stream", ["orders", "refunds"])
def test_duplicates_and_cut_lines_are_found_as_often_as_told(dirty, stream):
    lines = Counter(line for lines in dirty.lines(stream).values() for line in lines)
    cut = sum(not line.endswith("}") for line in lines)

    truth = dirty.truth
    assert sum(lines.values()) == truth["lines"][stream]
    assert sum(lines.values()) - len(lines) == truth["duplicates"][stream]["exact"] > 0
    assert (len(lines), cut) == (truth[stream] + cut, truth["quarantined"][stream].get("cut_json", 0))


@pytest.mark.parametrize("stream", ["events", "customers", "products", "orders", "refunds"])
def test_files_are_as_told(dirty, stream):
    assert len(list((dirty.folder / stream).iterdir())) == dirty.truth["files"][stream]


def test_lines_are_as_told(dirty):
    assert len(cells(dirty)) == dirty.truth["lines"]["customers"]
    assert sum(map(len, dirty.lines("events").values())) == dirty.truth["lines"]["events"]
