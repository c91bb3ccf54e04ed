"""Files whose fields change: new fields are kept and reported, wrong types are quarantined, nothing turns null."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ..lakes import CUSTOMERS, EVENTS, PRODUCTS, drop, event, ids, lake_at, listed

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.lake import Lake

HEADER = "customer_id,signup_date,location,email,phone,updated_at"
CUSTOMER = "2026-01-01,Leeds,a@example.com,+44,2026-02-01T00:00:00Z"


def changes(at: Path) -> list[tuple[str, ...]]:
    names = ("feed", "stream", "field", "change", "file", "batch_id")
    return [tuple(row[name] for name in names) for row in listed(at, "ops/schema_changes")]


@pytest.mark.sample
def test_a_new_field_is_kept_in_bronze_reported_once_and_harms_no_row(landing, lake: Lake, at):
    drop(landing, "events/a.json", event(1))
    lake.run()
    drop(landing, "events/b.json", event(2), event(3, colour="red"))
    drop(landing, "events/c.json", event(4, colour="blue"))

    assert lake.run().new_fields == ["shop: events_raw.colour"]
    assert changes(at) == [("shop", "events_raw", "colour", "new", "events/b.json", "b000000002")]
    assert ids(at) == [f"e{number:06}" for number in range(1, 5)]
    raw = {json.loads(row["raw"]).get("colour") for row in listed(at, "bronze/events_raw")}
    assert raw == {None, "red", "blue"}
    drop(landing, "events/d.json", event(5, colour="red"))
    assert (lake.run().new_fields, len(changes(at))) == ([], 1)


def test_a_new_column_of_csv_and_parquet_is_reported_too(landing, tmp_path, at):
    drop(landing, "customers/a.csv", f"{HEADER},shoe_size", f"C1,{CUSTOMER},42")
    products = [{"product_id": "P1", "price": 1.5, "updated_at": "2026-02-01T00:00:00Z", "weight_g": 7}]
    (landing / "products").mkdir()
    pq.write_table(pa.Table.from_pylist(products), landing / "products" / "a.parquet")
    lake = lake_at(at, landing, tables=(*CUSTOMERS, *PRODUCTS))

    report = lake.run()

    assert sorted(report.new_fields) == ["shop: customers_raw.shoe_size", "shop: products_raw.weight_g"]
    assert ids(at, "silver/customers", "customer_id") == ["C1"]
    assert ids(at, "silver/products", "product_id") == ["P1"]


def test_a_strict_feed_sets_records_with_fields_it_does_not_know_aside(landing, at):
    drop(landing, "events/a.json", event(1), event(2, colour="red"))
    drop(landing, "customers/a.csv", f"{HEADER},shoe_size", f"C1,{CUSTOMER},42")
    drop(landing, "customers/b.csv", HEADER, f"C2,{CUSTOMER}")
    lake_at(at, landing, tables=(*EVENTS, *CUSTOMERS), strict=True).run()

    assert ids(at) == ["e000001"]
    assert ids(at, "silver/customers", "customer_id") == ["C2"]
    for table in ("events", "customers"):
        assert [row["reasons"] for row in listed(at, f"silver/{table}_quarantine")] == [["unknown_fields"]]


FITS: dict[str, tuple[dict[str, Any], str, Any]] = {
    "a whole number with a fraction of zeros": ({"quantity": 2.0}, "quantity", 2),
    "a whole number as text": ({"quantity": "2"}, "quantity", 2),
    "a whole number as text with zeros": ({"quantity": "2.00"}, "quantity", 2),
    "a price as text": ({"price": "9.99"}, "unit_price", Decimal("9.9900")),
    "a price as a whole number": ({"price": 9}, "unit_price", Decimal("9.0000")),
    "a price in scientific notation": ({"price": 1.5e2}, "unit_price", Decimal("150.0000")),
    "a number where text was": ({"product_id": 77}, "product_id", "77"),
    "a missing optional field": ({"device": None}, "device", None),
}


@pytest.fixture(scope="module")
def fitting(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("fits")
    drop(folder / "landing", "events/a.json", *[event(n, **output) for n, (output, _, _) in enumerate(FITS.values())])
    lake_at(folder / "lake", folder / "landing", tables=EVENTS).run()
    return {row["event_id"]: row for row in listed(folder / "lake", "silver/events")}


@pytest.mark.parametrize("kind", FITS)
def test_a_field_that_is_written_otherwise_but_means_the_same_is_accepted(fitting, kind):
    _, name, meant = FITS[kind]

    assert fitting[f"e{list(FITS).index(kind):06}"][name] == meant


UNFIT: dict[str, tuple[dict[str, Any], str]] = {
    "a whole number with a fraction": ({"quantity": 2.5}, "quantity_fits_type"),
    "a word": ({"quantity": "two"}, "quantity_fits_type"),
    "a list": ({"quantity": [2]}, "quantity_fits_type"),
    "an object": ({"price": {"amount": 9}}, "price_fits_type"),
    "true": ({"quantity": True}, "quantity_fits_type"),
    "an empty text": ({"price": ""}, "price_fits_type"),
    "a decimal comma": ({"price": "9,99"}, "price_fits_type"),
    "a time as a number": ({"event_ts": 1_772_442_000}, "event_ts_fits_type"),
    "a day without a time of day": ({"event_ts": "02/03/2026"}, "event_ts_fits_type"),
}


@pytest.fixture(scope="module")
def unfit(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[str]]:
    folder = tmp_path_factory.mktemp("unfit")
    drop(folder / "landing", "events/a.json", *[event(n, **output) for n, (output, _) in enumerate(UNFIT.values())])
    lake_at(folder / "lake", folder / "landing", tables=EVENTS).run()
    return {row["line"]: row["reasons"] for row in listed(folder / "lake", "silver/events_quarantine")}


@pytest.mark.parametrize("kind", UNFIT)
def test_a_field_that_no_longer_fits_its_type_is_quarantined_and_never_turns_null(unfit, kind):
    assert UNFIT[kind][1] in unfit.get(list(UNFIT).index(kind) + 1, [])


def test_a_renamed_key_field_is_quarantined_and_reported(landing, lake: Lake, at):
    renamed = {("eventId" if name == "event_id" else name): value for name, value in event(2).items()}
    drop(landing, "events/a.json", event(1), renamed)

    assert lake.run().new_fields == ["shop: events_raw.eventId"]
    assert ids(at) == ["e000001"]
    assert [row["reasons"] for row in listed(at, "silver/events_quarantine")] == [["event_id_present"]]


def test_a_field_that_vanishes_is_seen_in_the_quality_of_the_run(landing, lake: Lake, at):
    drop(landing, "events/a.json", *[{k: v for k, v in event(n).items() if k != "product_id"} for n in range(5)])

    lake.run()

    output = {row["check_name"]: row["status"] for row in lake.quality() if row["check_type"] == "column"}
    assert output["product_id"] == "WARN"
