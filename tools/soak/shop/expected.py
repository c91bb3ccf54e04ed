"""What a shop's records say of silver tables, worked out in plain Python; only which are bad is taken from the lake."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tools.soak.shop.shop_records import CSV

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.soak.shop.shop_lake import ShopLake

PAUSE = timedelta(minutes=30)
Rows = set[tuple[Any, ...]]


def check_silver(shop: ShopLake) -> None:
    """Raise DifferenceError where events, visits, orders, refunds, rates or costs are not what the records say."""
    there = {table.name for table in shop.lake.catalog.ordered}
    bad = defaultdict[str, set[str]](set)
    for name, record in shop.undecided():
        bad[name].add(record["raw"])
    records = Records(shop, bad)
    events = records.events()
    _compare(shop, "silver/events", ("event_id", "event_at"), {(id, at) for id, (at, _) in events.items()})
    visited = ("visitor_id", "started_at", "ended_at", "events")
    _compare(shop, "silver/sessions", visited, {*_visits([*events.values()])})
    if "ad_costs" in there:
        _check_newest(shop, records, "spend", "ad_costs", ("cost_date", "source", "medium", "campaign"), "cost")
    _check_newest(shop, records, "exchange_rates", "exchange_rates", ("rate_date", "currency"), "rate")
    _check_documents(shop, records)


class Records:
    """The records of a shop that count, and those that the lake found bad, by table."""

    def __init__(self, shop: ShopLake, bad: dict[str, set[str]]) -> None:
        self._lines, self._bad = shop.content.counted(), bad

    def of(self, stream: str, table: str) -> Iterator[dict[str, Any]]:
        """Yield the records of a stream that are not in the quarantine of a table."""
        for name, lines in self._lines.items():
            for text in lines if name.startswith(f"{stream}/") else ():
                if text is not None and text not in self._bad[f"silver.{table}"]:
                    cells = dict(zip(CSV.get(stream, ()), next(csv.reader([text])), strict=False))
                    yield cells if stream in CSV else json.loads(text, parse_float=Decimal)

    def events(self) -> dict[str, tuple[datetime, set[str]]]:
        """Return the earliest time of each event, and the visitors that records of that time name."""
        found: dict[str, tuple[datetime, set[str]]] = {}
        for event in self.of("events", "events"):
            at, visitor = as_time(event["event_ts"]), event["user_id"] or event["anonymous_id"]
            known, visitors = found.get(str(event["event_id"]), (at, set()))
            if at <= known:
                found[str(event["event_id"])] = at, {str(visitor)} | (visitors if at == known else set())
        return found

    def newest(self, stream: str, table: str, key: tuple[str, ...]) -> dict[tuple[Any, ...], dict[str, Any]]:
        """Return the newest record of each key; none where different ones have the same time."""
        by_key = defaultdict[tuple[Any, ...], list[dict[str, Any]]](list)
        for record in self.of(stream, table):
            by_key[tuple(str(record[name]) for name in key)].append(record)
        last = {key: max(as_time(each["updated_at"]) for each in some) for key, some in by_key.items()}
        first = {
            key: [each for each in some if as_time(each["updated_at"]) == last[key]] for key, some in by_key.items()
        }
        return {key: some[0] for key, some in first.items() if all(each == some[0] for each in some)}


def as_time(text: str) -> datetime:
    """Return a moment; one without an offset is in UTC."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
