import csv
from collections import Counter

import pyarrow.parquet as pq
import pytest


def cells(landing) -> list[list[str]]:
    return [row for lines in landing.lines("customers").values() for row in list(csv.reader(lines))[1:]]


def test_without_faults_no_record_is_faulty(clean):
    kinds = {
        (stream, kind): n for stream, actual in clean.ground_truth["faults"].items() for kind, n in actual.items() if n
    }

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
def test_each_fault_in_customers_count_is_the_ground_truth(faulty, kind, is_wrong):
    assert sum(map(is_wrong, cells(faulty))) == faulty.ground_truth["quarantined"]["customers"][kind] > 0


def test_each_fault_in_products_count_is_the_ground_truth(faulty):
    rows = [row for path in (faulty.folder / "products").iterdir() for row in pq.read_table(path).to_pylist()]
    actual = {
        "negative_price": sum(row["price"] < 0 for row in rows),
        "missing_product_id": sum(row["product_id"] is None for row in rows),
    }

    assert actual == faulty.ground_truth["quarantined"]["products"]
    assert min(actual.values()) > 0


@pytest.mark.parametrize("stream", ["orders", "refunds"])
def test_duplicates_and_truncated_lines_counts_are_the_ground_truth(faulty, stream):
    lines = Counter(line for lines in faulty.lines(stream).values() for line in lines)
    truncate = sum(not line.endswith("}") for line in lines)

    ground_truth = faulty.ground_truth
    assert sum(lines.values()) == ground_truth["lines"][stream]
    assert sum(lines.values()) - len(lines) == ground_truth["duplicates"][stream]["exact"] > 0
    assert (len(lines), truncate) == (
        ground_truth[stream] + truncate,
        ground_truth["quarantined"][stream].get("cut_json", 0),
    )


@pytest.mark.parametrize("stream", ["events", "customers", "products", "orders", "refunds"])
def test_files_match_the_ground_truth(faulty, stream):
    assert len(list((faulty.folder / stream).iterdir())) == faulty.ground_truth["files"][stream]


def test_lines_match_the_ground_truth(faulty):
    assert len(cells(faulty)) == faulty.ground_truth["lines"]["customers"]
    assert sum(map(len, faulty.lines("events").values())) == faulty.ground_truth["lines"]["events"]
