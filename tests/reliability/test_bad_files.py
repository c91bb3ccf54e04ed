"""Files that are empty, damaged, compressed or oddly written: the run ends, says so, and other files do not suffer."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from .lakes import drop, event, ids, listed, rows, totals

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.lake import Lake

HEADER = "customer_id,signup_date,location,email,phone,updated_at"


def customer(number: int, location: str = "Leeds") -> str:
    return f"C{number},2026-01-01,{location},c{number}@example.com,+44,2026-02-01T00:00:00Z"


def lines(*numbers: int) -> bytes:
    return b"".join(json.dumps(event(number)).encode() + b"\n" for number in numbers)


def put(landing: Path, name: str, content: bytes) -> None:
    drop(landing, name).write_bytes(content)


def test_a_file_of_bad_lines_only_is_set_aside_and_the_others_are_taken(landing, lake: Lake, at):
    drop(landing, "events/bad.json", *["oops"] * 50)
    drop(landing, "events/good.json", event(1), event(2))

    report = lake.run()

    assert (ids(at), report.files, report.unreadable) == (["e000001", "e000002"], 2, [])
    assert len(listed(at, "silver/events_quarantine")) == 50


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"], ids=["nothing", "blank lines", "a mark"])
def test_a_file_without_any_record_is_taken_once_and_adds_no_row(landing, lake: Lake, at, content):
    put(landing, "events/empty.json", content)
    put(landing, "customers/empty.csv", content)

    assert lake.run().files == 2
    assert lake.run().files == 0
    assert len(listed(at, "bronze/events_raw")) + len(listed(at, "bronze/customers_raw")) == 0


def test_a_csv_file_of_a_header_only_adds_no_row(landing, lake: Lake, at):
    drop(landing, "customers/a.csv", HEADER)

    lake.run()

    assert listed(at, "silver/customers") + listed(at, "silver/customers_quarantine") == []


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no mark", "a byte order mark"])
def test_line_ends_and_byte_order_marks_do_not_matter(landing, lake: Lake, at, mark, end):
    put(landing, "events/a.json", mark + lines(1, 2, 3).replace(b"\n", end))
    put(landing, "customers/a.csv", mark + f"{HEADER}\n{customer(1)}\n{customer(2)}".encode().replace(b"\n", end))

    lake.run()

    assert ids(at) == ["e000001", "e000002", "e000003"]
    assert ids(at, "silver/customers", "customer_id") == ["C1", "C2"]
    assert [row["line"] for row in listed(at, "bronze/customers_raw")] == [2, 3]


def test_files_in_gzip_and_zstd_give_the_rows_of_plain_ones(landing, lake: Lake, at):
    put(landing, "events/a.json.gz", gzip.compress(lines(1, 2)))
    put(landing, "events/b.json.zst", pa.compress(lines(3, 4), "zstd", asbytes=True))
    put(landing, "events/c.json.gz", gzip.compress(lines(5)) + gzip.compress(lines(6)))

    lake.run()

    assert ids(at) == [f"e{number:06}" for number in range(1, 7)]


DAMAGED = {
    "a cut gzip": ("events/bad.json.gz", gzip.compress(lines(*range(500)))[:-200]),
    "a gzip that is none": ("events/bad.json.gz", lines(1)),
    "a gzip with a flipped byte": ("events/bad.json.gz", gzip.compress(lines(*range(99)))[:300] + b"\0" * 50),
    "an empty gzip": ("events/bad.json.gz", b""),
    "a cut zstd": ("events/bad.json.zst", pa.compress(lines(*range(500)), "zstd", asbytes=True)[:-200]),
    "a cut Parquet file": ("products/bad.parquet", b"PAR1" + b"\x15" * 500),
    "an empty Parquet file": ("products/bad.parquet", b""),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_is_named_not_half_taken_and_stops_no_other(landing, lake: Lake, at, kind):
    name, content = DAMAGED[kind]
    put(landing, name, content)
    drop(landing, "events/good.json", event(1_000))

    report = lake.run()

    assert [said.split(" (")[0] for said in report.unreadable] == [f"shop: {name}"]
    assert ids(at) == ["e001000"]
    assert {row["path"]: row["state"] for row in listed(at, "ops/files")}[name] == "unreadable"


def test_a_damaged_file_that_is_sent_again_whole_is_taken(landing, lake: Lake, at):
    whole = gzip.compress(lines(1, 2, 3))
    put(landing, "events/a.json.gz", whole[:-20])
    lake.run()
    put(landing, "events/a.json.gz", whole)

    report = lake.run()

    assert (report.refused, report.unreadable, report.files) == ([], [], 1)
    assert ids(at) == ["e000001", "e000002", "e000003"]


def test_ragged_rows_of_a_csv_file_are_set_aside_and_its_others_taken(landing, lake: Lake, at):
    drop(landing, "customers/a.csv", HEADER, customer(1), "C2,2026-01-01,Leeds", customer(3) + ",more", customer(4))

    lake.run()

    assert ids(at, "silver/customers", "customer_id") == ["C1", "C4"]
    aside = listed(at, "silver/customers_quarantine")
    assert sorted((row["line"], tuple(row["reasons"])) for row in aside) == [
        (3, ("fields_fit_header",)),
        (4, ("fields_fit_header",)),
    ]


PLACES = {
    "a comma": ('"Leeds, Yorkshire"', "Leeds, Yorkshire"),
    "quotes": ('"The ""Old"" Town"', 'The "Old" Town'),
    "a new line": ('"Leeds\nYorkshire"', "Leeds\nYorkshire"),
    "an empty text": ('""', None),
    "accents": ("São Paulo", "São Paulo"),
}


@pytest.mark.parametrize("kind", PLACES)
def test_a_quoted_field_may_hold_anything(landing, lake: Lake, at, kind):
    written, meant = PLACES[kind]
    drop(landing, "customers/a.csv", HEADER, customer(1, written), customer(2))

    lake.run()

    assert {row["customer_id"]: row["location"] for row in listed(at, "silver/customers")} == {"C1": meant, "C2": "Leeds"}


def test_a_stray_quote_costs_its_own_line_only(landing, lake: Lake, at):
    drop(landing, "customers/a.csv", HEADER, customer(1, '"Leeds'), *[customer(number) for number in range(2, 200)])

    lake.run()

    assert len(rows(at, "silver/customers")) == 198
    assert [row["line"] for row in listed(at, "silver/customers_quarantine")] == [2]


def test_columns_in_another_order_are_found_by_the_header(landing, lake: Lake, at):
    drop(landing, "customers/a.csv", "updated_at,email,customer_id", "2026-02-01T00:00:00Z,a@example.com,C1")

    lake.run()

    assert [(row["customer_id"], row["email"]) for row in listed(at, "silver/customers")] == [("C1", "a@example.com")]


def test_a_feed_without_any_file_gives_empty_tables(lake: Lake, at):
    assert lake.run().files == 0
    assert listed(at, "silver/events") + listed(at, "gold/sales_daily") + listed(at, "gold/funnel_daily") == []


def test_every_line_of_a_large_file_is_counted_once_across_its_blocks(landing, lake: Lake, at):
    content = "".join(json.dumps(event(number, page_url="x" * 300)) + "\r\n" for number in range(20_000))
    put(landing, "events/large.json", content.encode())

    lake.run()

    assert totals(at, "silver/events")["good"] == 20_000
    assert sorted(row["line"] for row in listed(at, "bronze/events_raw")) == list(range(1, 20_001))
