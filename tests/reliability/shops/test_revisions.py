"""A known path with new content: refused or superseding, as the settings say, never passed over in silence."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from ..lakes import CUSTOMERS, EVENTS, content, difference, drop, event, ids, lake_at, listed, rows, there

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.lake import Lake

HEADER = "customer_id,signup_date,location,email,phone,updated_at"


@pytest.fixture
def superseding(at: Path, landing: Path) -> Lake:
    return lake_at(at, landing, tables=EVENTS, on_changed_file="replace")


def states(at: Path) -> list[str]:
    return [row["state"] for row in sorted(listed(at, "ops/files"), key=lambda row: row["recorded_at"])]


def order(number: int, price: float) -> dict[str, Any]:
    line = {"line_number": 1, "product_id": "P1", "quantity": 1, "unit_price": price}
    at, payment = "2026-03-02T10:00:00Z", {"payment_id": f"O{number}-1", "method": "card", "status": "paid"}
    paid = [payment | {"amount": price, "paid_at": at}]
    return {"order_id": f"O{number}", "ordered_at": at, "customer_id": "C1", "lines": [line], "payments": paid}


def test_new_content_under_a_known_path_is_refused_loudly_and_recorded(landing, lake: Lake, at):
    drop(landing, "events/a.json", event(1), event(2))
    lake.run()
    before = content(at)
    drop(landing, "events/a.json", event(1, quantity=7), event(3))

    report = lake.run()

    assert (report.rejected, report.files) == (["shop: events/a.json"], 0)
    assert states(at) == ["ingested", "rejected"]
    assert difference(content(at), before) == {}


@pytest.mark.slow
def test_a_refused_file_stops_no_other_and_comes_in_under_another_name(landing, lake: Lake, at):
    drop(landing, "events/a.json", event(1))
    lake.run()
    changed = drop(landing, "events/a.json", event(2))
    drop(landing, "events/b.json", event(3))
    assert (lake.run().files, ids(at)) == (1, ["e000001", "e000003"])
    changed.rename(landing / "events" / "c.json")

    assert (lake.run().rejected, ids(at)) == ([], ["e000001", "e000002", "e000003"])


def test_new_content_supersedes_the_old_everywhere_where_the_settings_say_so(landing, superseding: Lake, at):
    drop(landing, "events/a.json", event(1), event(2, quantity=1), "broken once")
    drop(landing, "events/b.json", event(9, event_name="purchase"))
    superseding.run()
    drop(landing, "events/a.json", event(2, quantity=7), event(3), "broken twice")

    assert superseding.run().rejected == []

    assert {row["event_id"]: row["quantity"] for row in listed(at, "silver/events")} == {
        "e000002": 7, "e000003": 1, "e000009": 1
    }  # fmt: skip
    assert [row["raw"] for row in listed(at, "silver/events_quarantine")] == ["broken twice"]
    assert "superseded" in states(at)


MANY_TABLES = (*EVENTS, "orders_raw", "refunds_raw", "order_lines", "payments", *CUSTOMERS)
MANY_TABLES += ("sessions", "sales_daily")


@pytest.mark.slow
def test_a_lake_after_revisions_equals_one_that_only_ever_saw_the_last_content(tmp_path, landing, at):
    lake = lake_at(at, landing, tables=MANY_TABLES, on_changed_file="replace")
    for price in (5.0, 7.5):
        drop(landing, "events/a.json", event(int(price)), event(1, price=price), event(2))
        drop(landing, "orders/a.json", order(1, price), order(int(price), 1.0))
        drop(landing, "customers/a.csv", HEADER, f"C1,2026-01-01,L{price},a@b.cd,+44,2026-02-01T00:00:00Z")
        lake.run()
    lake_at(tmp_path / "fresh", landing, tables=MANY_TABLES).run()

    assert difference(answers(at), answers(tmp_path / "fresh")) == {}
    lake.run(full_refresh=True)
    assert difference(answers(at), answers(tmp_path / "fresh")) == {}


def answers(lake: Path) -> dict[str, list[str]]:
    """All but bronze, which keeps what was superseded."""
    return content(lake, [table for table in there(lake) if not table.startswith("bronze")])


@pytest.mark.slow
def test_an_event_that_another_file_holds_too_outlives_the_revision(landing, superseding: Lake, at):
    drop(landing, "events/a.json", event(1), event(2))
    drop(landing, "events/b.json", event(2, event_ts="2026-03-02T12:00:00Z"))
    superseding.run()
    drop(landing, "events/a.json", event(1))

    superseding.run()

    assert {row["event_id"]: row["event_at"].hour for row in listed(at, "silver/events")} == {
        "e000001": 9,
        "e000002": 12,
    }


@pytest.mark.slow
def test_a_path_that_goes_back_to_what_it_first_held_counts_again(landing, superseding: Lake, at):
    file = drop(landing, "events/a.json", event(1))
    first = file.stat()
    superseding.run()
    drop(landing, "events/a.json", event(2), event(3))
    superseding.run()
    drop(landing, "events/a.json", event(1))
    os.utime(file, ns=(first.st_atime_ns, first.st_mtime_ns))

    superseding.run()

    assert ids(at) == ["e000001"]


@pytest.mark.slow
def test_what_was_refused_supersedes_once_the_settings_say_so(landing, lake: Lake, superseding: Lake, at):
    drop(landing, "events/a.json", event(1))
    lake.run()
    drop(landing, "events/a.json", event(2))
    assert lake.run().rejected == ["shop: events/a.json"]

    superseding.run()

    assert ids(at) == ["e000002"]


def test_a_revision_repeated_changes_nothing(landing, superseding: Lake, at):
    drop(landing, "events/a.json", event(1))
    superseding.run()
    drop(landing, "events/a.json", event(2))
    superseding.run()
    before = rows(at, "silver/events", ())

    report = superseding.run()

    assert (report.files, report.tables, rows(at, "silver/events", ())) == (0, [], before)


@pytest.mark.slow
def test_days_built_again_after_a_revision_do_not_bring_the_old_rows_back(landing, superseding: Lake, at):
    drop(landing, "events/a.json", event(1), event(2))
    superseding.run()
    drop(landing, "events/a.json", event(2))
    superseding.run()

    superseding.run(start=date(2026, 3, 1), end=date(2026, 3, 3))

    assert ids(at) == ["e000002"]
