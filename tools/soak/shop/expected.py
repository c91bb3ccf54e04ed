"""What a shop's records say of silver tables, worked out in plain Python; only which are bad is taken from the lake."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from deltalake import DeltaTable

from tools.soak.shop.shop_files import CSV
from tools.soak.shop.shop_project import KEPT_SINCE
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tools.soak.shop.shop_lake import ShopLake

PAUSE = timedelta(minutes=30)
Record = dict[str, Any]
Rows = set[tuple[Any, ...]]


def check_silver(shop: ShopLake) -> None:
    """Raise DifferenceError where events, visits, orders or rates are not what the records say.

    What two different records of one time say is left out, as are orders and rates that may have no time.
    """
    bad = defaultdict[str, set[str]](set)
    for name, record in shop.undecided():
        bad[name].add(record["raw"])
    records = Records(shop, bad)
    events = records.events()
    _compare("events", {(id, at) for id, (at, _) in events.items()}, _stored(shop, "events", "event_id", "event_at"))
    unclear = {visitor for _, visitors in events.values() if len(visitors) > 1 for visitor in visitors}
    visits = _stored(shop, "sessions", "visitor_id", "started_at", "ended_at", "events")
    first = KEPT_SINCE + timedelta(days=1) if "silver.sessions" in shop.ever_kept else date.min
    expected = {row for row in _visits(events.values(), unclear) if row[1].date() >= first}
    _compare("sessions", expected, {row for row in visits if row[0] not in unclear and row[1].date() >= first})
    if not shop.is_dated:
        return
    rates = {
        (currency, day): (Decimal(rate["rate"]) if rate else None)
        for (currency, day), rate in records.newest("exchange_rates", "exchange_rates", "currency", "rate_date").items()
    }
    stored = _stored(shop, "exchange_rates", "currency", "rate_date", "rate")
    found = {(currency, str(day)): rate for currency, day, rate in stored}
    _compare("exchange_rates", {*rates}, {*found})
    _compare("exchange_rates", {(key, rate) for key, rate in rates.items() if rate}, {*found.items()}, is_part=True)
    _check_orders(shop, records)


class Records:
    """The records of a shop that count; those that the lake found `bad` are known by the name of the table."""

    def __init__(self, shop: ShopLake, bad: Mapping[str, set[str]]) -> None:
        self._lines, self._bad = shop.content.counted(), bad

    def texts(self, stream: str) -> Iterator[str]:
        """Yield the texts of all records of a stream."""
        for name, lines in self._lines.items():
            yield from (text for text in lines if text is not None and name.startswith(f"{stream}/"))

    def is_bad(self, text: str, table: str) -> bool:
        """Whether a record is in the quarantine of a silver table."""
        return text in self._bad[f"silver.{table}"]

    def of(self, stream: str, table: str) -> Iterator[Record]:
        """Yield the records of a stream that are not in the quarantine of a table."""
        for text in self.texts(stream):
            if self.is_bad(text, table):
                continue
            is_csv = stream in CSV
            yield dict(zip(CSV[stream], next(csv.reader([text])), strict=True)) if is_csv else as_record(text)

    def events(self) -> dict[str, tuple[datetime, set[str]]]:
        """Return the earliest time of each event, and the visitors that records of that time name."""
        found: dict[str, tuple[datetime, set[str]]] = {}
        for event in self.of("events", "events"):
            id, at, visitor = str(event["event_id"]), as_time(event["event_ts"]), _visitor(event)
            known, visitors = found.get(id, (at, set()))
            if at <= known:
                found[id] = at, {visitor} | (visitors if at == known else set())
        return found

    def newest(self, stream: str, table: str, *key: str) -> dict[tuple[str, ...], Record | None]:
        """Return the newest record of each key; None where there are different ones of one time."""
        found = defaultdict[tuple[str, ...], list[Record]](list)
        for record in self.of(stream, table):
            found[tuple(str(record[name]) for name in key)].append(record)
        return {each: newest_of(some) for each, some in found.items()}


def newest_of(records: list[Record]) -> Record | None:
    """Return the record with the greatest `updated_at`; None where different ones have it."""
    last = max(as_time(each["updated_at"]) for each in records)
    first, *others = [each for each in records if as_time(each["updated_at"]) == last]
    return first if all(each == first for each in others) else None


def as_record(text: str) -> Record:
    """Return the record of a line of JSON."""
    record: Record = json.loads(text, parse_float=Decimal)
    return record


def as_time(text: str) -> datetime:
    """Return a moment; one without an offset is in UTC."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _visitor(event: Record) -> str:
    return next(str(event[name]) for name in ("user_id", "anonymous_id") if event[name] not in (None, ""))


def _visits(events: Iterable[tuple[datetime, set[str]]], unclear: set[str]) -> Iterator[tuple[Any, ...]]:
    """Yield who visited from when to when, with how many events; exactly half an hour of silence continues a visit."""
    times = defaultdict[str, list[datetime]](list)
    for at, visitors in events:
        for visitor in visitors - unclear:
            times[visitor].append(at)
    for visitor, all_times in times.items():
        visit: list[datetime] = []
        moments: list[datetime | None] = [*sorted(all_times)]
        for moment in [*moments, None]:
            if visit and (moment is None or moment - visit[-1] > PAUSE):
                yield visitor, visit[0], visit[-1], len(visit)
                visit = []
            if moment is not None:
                visit.append(moment)


def _check_orders(shop: ShopLake, records: Records) -> None:
    """Compare the goods of orders of which no record is bad with those of their newest record."""
    bad = [text for text in records.texts("orders") if records.is_bad(text, "order_lines")]
    unclear = {str(as_record(text).get("order_id")) for text in bad if text.startswith("{")}
    newest = records.newest("orders", "order_lines", "order_id")
    expected, known = Rows(), set[str]()
    for (id,), order in newest.items():
        if order is not None and id not in unclear:
            known.add(id)
            expected |= {(id, *(line[name] for name in LINE)) for line in order["lines"]}
    stored = _stored(shop, "order_lines", "document_id", *LINE, "kind", "line_class")
    found = {row[:-2] for row in stored if row[0] in known and row[-2:] == ("sale", "goods")}
    _compare("order_lines", expected, found)


LINE = ("line_number", "product_id", "quantity", "unit_price")


def _stored(shop: ShopLake, table: str, *columns: str) -> Rows:
    rows = DeltaTable(str(shop.path / "silver" / table)).to_pyarrow_table(columns=list(columns)).to_pylist()
    return {tuple(row.values()) for row in rows}


def _compare(table: str, expected: Rows, found: Rows, *, is_part: bool = False) -> None:
    missing, added = expected - found, set() if is_part else found - expected
    if missing or added:
        raise DifferenceError(f"silver/{table} by its records: missing {[*missing][:2]}, added {[*added][:2]}")
