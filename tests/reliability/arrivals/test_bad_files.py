"""Files that are empty, damaged, compressed or oddly written: the run ends, says so, and other files do not suffer."""

from __future__ import annotations

import gzip
import io
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ..lakes import CUSTOMERS, EVENTS, PRODUCTS, drop, event, ids, lake_at, listed, totals

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.lake import Lake
    from shoplake.pipeline.run_result import RunResult

TABLES = (*EVENTS, *CUSTOMERS, *PRODUCTS)
HEADER = "customer_id,signup_date,location,email,phone,updated_at"


def customer(name: str, location: str = "Leeds") -> str:
    return f"{name},2026-01-01,{location},someone@example.com,+44,2026-02-01T00:00:00Z"


def lines(*numbers: int) -> bytes:
    return b"".join(json.dumps(event(number)).encode() + b"\n" for number in numbers)


def table(*lines: str) -> bytes:
    return "\n".join((HEADER, *lines, "")).encode()


def products(names: list[bytes], times: list[int]) -> bytes:
    """Return a Parquet file of products P0, P1 … with any bytes as names, and with times in seconds."""
    binary, output = pa.array(names), io.BytesIO()
    texts = pa.Array.from_buffers(pa.string(), len(names), binary.buffers())
    ids = [f"P{at}" for at in range(len(names))]
    columns = {"product_id": ids, "product_name": texts, "category": ["Tea"] * len(names), "price": [9.5] * len(names)}
    columns["updated_at"] = pa.array(times, pa.timestamp("s", "UTC")).cast(pa.timestamp("ms", "UTC"))
    pq.write_table(pa.table(columns), output, compression="snappy", use_dictionary=False)
    return output.getvalue()


SHEET = products([b"Tea"] * 200, list(range(200)))
MARK = b"\xef\xbb\xbf"
EMPTY = {
    "events/nothing.json": b"",
    "events/blank.json": b"\n\n  \n",
    "events/mark.json": MARK,
    "customers/nothing.csv": b"",
}
EMPTY |= {"customers/header.csv": table(), "events/nothing.json.zst": pa.compress(b"", "zstd", asbytes=True)}
ODD = {
    "events/crlf.json": lines(1, 2).replace(b"\n", b"\r\n"),
    "events/cr.json": lines(3, 4).replace(b"\n", b"\r"),
    "events/marked.json": MARK + lines(5, 6),
    "events/unended.json": lines(7, 8).removesuffix(b"\n"),
    "events/gzip.json.gz": gzip.compress(lines(9, 10)),
    "events/twice.json.gz": gzip.compress(lines(11)) + gzip.compress(lines(12)),
    "events/zstd.json.zst": pa.compress(lines(13, 14), "zstd", asbytes=True),
    "customers/crlf.csv": MARK + table(customer("K1"), customer("K2")).replace(b"\n", b"\r\n"),
    "customers/cr.csv": table(customer("K3"), customer("K4")).replace(b"\n", b"\r"),
    "customers/gzip.csv.gz": gzip.compress(table(customer("K5"))),
    "customers/order.csv": b"updated_at,email,customer_id\n2026-02-01T00:00:00Z,a@example.com,K6",
}
DAMAGED = {
    "events/cut.json.gz": gzip.compress(lines(*range(100, 600)))[:-200],
    "events/none.json.gz": lines(601),
    "events/flipped.json.gz": gzip.compress(lines(*range(700, 799)))[:300] + b"\0" * 50,
    "events/cut.json.zst": pa.compress(lines(*range(800, 999)), "zstd", asbytes=True)[:-200],
    "products/cut.parquet": b"PAR1" + b"\x15" * 500,
    "products/empty.parquet": b"",
    "products/page.parquet": SHEET[:60] + b"\xff" * 60 + SHEET[120:],
}
PLACES = {
    "Q1": ('"Leeds, Yorkshire"', "Leeds, Yorkshire"),
    "Q2": ('"The ""Old"" Town"', 'The "Old" Town'),
    "Q3": ('"Leeds\nYorkshire"', "Leeds\nYorkshire"),
    "Q4": ('"Leeds\r\n\r\nYorkshire, ""UK"""', 'Leeds\n\nYorkshire, "UK"'),
    "Q5": ('""', None),
    "Q6": ("São Paulo", "São Paulo"),
}
RAGGED = ("R1,2026-01-01,Leeds", customer("R2") + ",more", customer("R3", '"Leeds'))
CONTENT = {
    **EMPTY,
    **ODD,
    **DAMAGED,
    "events/oops.json": b"oops\n" * 50,
    "products/hostile.parquet": products(
        [b"Tea", b"Caf\xe9", b"Mate"], [1_770_000_000, 1_770_000_000, 253_402_300_800]
    ),
    "customers/quoted.csv": table(*[customer(name, written) for name, (written, _) in PLACES.items()], customer("Q7")),
    "customers/ragged.csv": table(customer("G1"), *RAGGED, *[customer(f"G{number}") for number in range(2, 200)]),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    for name, content in CONTENT.items():
        drop(folder / "landing", name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def report(folder: Path) -> RunResult:
    """What one run says that was given all of these files."""
    return lake_at(folder / "lake", folder / "landing", tables=TABLES).run()


@pytest.fixture(scope="module")
def places(folder: Path, report: RunResult) -> dict[str, str | None]:
    return {row["customer_id"]: row["location"] for row in listed(folder / "lake", "silver/customers")}


def test_the_run_ends_and_names_every_damaged_file_and_no_other(report: RunResult):
    assert sorted(output.split(" (")[0] for output in report.unreadable) == sorted(f"shop: {name}" for name in DAMAGED)
    assert report.files == len(CONTENT) - len(DAMAGED)


def test_the_state_store_says_of_each_file_what_became_of_it(folder: Path, report: RunResult):
    states = {row["path"]: row["state"] for row in listed(folder / "lake", "ops/files")}

    assert states == {name: "unreadable" if name in DAMAGED else "ingested" for name in CONTENT}


def test_no_part_of_a_damaged_file_is_ingested_and_all_of_the_others_is(folder: Path, report: RunResult):
    assert ids(folder / "lake") == [f"e{number:06}" for number in range(1, 15)]


def test_a_file_of_bad_lines_only_is_quarantined_line_by_line(folder: Path, report: RunResult):
    aside = [row for row in listed(folder / "lake", "silver/events_quarantine") if row["file"] == "events/oops.json"]

    assert sorted((row["line"], row["raw"]) for row in aside) == [(line, "oops") for line in range(1, 51)]


def test_files_without_records_add_no_row(folder: Path, report: RunResult):
    landed = listed(folder / "lake", "bronze/events_raw") + listed(folder / "lake", "bronze/customers_raw")

    assert {row["file"] for row in landed} & EMPTY.keys() == set()


def test_line_ends_marks_packing_and_the_order_of_columns_do_not_matter(places):
    assert {name: places.get(name, "?") for name in ("K1", "K2", "K3", "K4", "K5", "K6")} == {
        **dict.fromkeys(("K1", "K2", "K3", "K4", "K5"), "Leeds"),
        "K6": None,
    }


@pytest.mark.parametrize("name", PLACES)
def test_a_quoted_field_may_hold_commas_quotes_and_new_lines(places, name: str):
    assert places[name] == PLACES[name][1]


def test_a_record_after_one_of_several_lines_says_its_own_line(folder: Path, report: RunResult):
    landed = [row for row in listed(folder / "lake", "bronze/customers_raw") if row["file"] == "customers/quoted.csv"]

    assert {row["raw"][:2]: row["line"] for row in landed} == {
        "Q1": 2, "Q2": 3, "Q3": 4, "Q4": 6, "Q5": 9, "Q6": 10, "Q7": 11
    }  # fmt: skip


def test_ragged_rows_and_a_stray_quote_cost_their_own_lines_only(folder: Path, places):
    aside = listed(folder / "lake", "silver/customers_quarantine")

    assert sorted((row["file"], row["line"], *row["reasons"]) for row in aside) == [
        ("customers/ragged.csv", line, "fields_fit_header") for line in (3, 4, 5)
    ]
    assert {name for name in places if name.startswith("G")} == {f"G{number}" for number in range(1, 200)}


def test_texts_and_times_that_parquet_may_hold_and_others_may_not_cost_their_own_rows_only(
    folder: Path, report: RunResult
):
    aside = listed(folder / "lake", "silver/products_quarantine")

    assert {json.loads(row["raw"])["product_id"]: row["reasons"] for row in aside} == {
        "P1": ["not_utf8"], "P2": ["updated_at_fits_type", "updated_at_present"]
    }  # fmt: skip
    assert [row["product_id"] for row in listed(folder / "lake", "silver/products")] == ["P0"]


def test_the_next_run_has_nothing_to_do_and_does_not_complain_again(folder: Path, report: RunResult):
    again = lake_at(folder / "lake", folder / "landing", tables=TABLES).run()

    assert (again.files, again.unreadable, again.tables) == (0, [], [])


def test_a_damaged_file_that_is_sent_again_whole_is_ingested(landing, lake: Lake, at):
    file, whole = landing / "events" / "a.json.gz", gzip.compress(lines(1, 2, 3))
    drop(landing, "events/a.json.gz").write_bytes(whole[:-20])
    lake.run()
    file.write_bytes(whole)

    report = lake.run()

    assert (report.rejected, report.unreadable, report.files) == ([], [], 1)
    assert ids(at) == ["e000001", "e000002", "e000003"]


def test_every_line_of_a_large_file_is_counted_once_across_its_blocks(landing, lake: Lake, at):
    content = "".join(json.dumps(event(number, page_url="x" * 300)) + "\r\n" for number in range(20_000))
    drop(landing, "events/large.json").write_bytes(content.encode())

    lake.run()

    assert totals(at, "silver/events")["rows_written"] == 20_000
    assert sorted(row["line"] for row in listed(at, "bronze/events_raw")) == list(range(1, 20_001))
