"""A model of the small lake in plain Python: what its tables must have after each step."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from tools.soak.tables import PAUSE_S, STRICT
from tools.soak.xxhash import xxhash64

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Rows = list[tuple[Any, ...]]
DATED = ("marks", "receipts")
"""The families whose days can be rebuilt."""
DAY = 2
"""Where the day is in their rows; the id is first."""


@dataclass(frozen=True)
class Record:
    """A record of a bronze table: its family, its text, and its place."""

    family: str
    raw: str
    file: str
    line: int

    @property
    def value(self) -> dict[str, Any] | None:
        """What the text says; None for one that is no JSON object."""
        try:
            value = json.loads(self.raw)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


@dataclass
class Model:
    """What has arrived, what was decided, and how each mark was judged."""

    waiting: list[Record] = field(default_factory=list)
    ingested: list[Record] = field(default_factory=list)
    decided: set[Record] = field(default_factory=set)
    limit: int = STRICT
    judged_by: dict[Record, int] = field(default_factory=dict)
    """The limit by which each record was judged last."""
    batches: dict[Record, int] = field(default_factory=dict)
    """The number of the batch in which each record was ingested."""

    def copy(self) -> Model:
        """Return a model that changes alone."""
        lists = [*self.waiting], [*self.ingested], {*self.decided}
        return Model(*lists, self.limit, {**self.judged_by}, {**self.batches})

    def ingest(self, waiting: Iterable[Record]) -> None:
        """Take records that have waited; each is judged by the rule of now."""
        number = max(self.batches.values(), default=0) + 1
        for record in waiting:
            self.ingested.append(record)
            self.batches[record] = number
            self.judged_by[record] = self.limit
        self.waiting = [record for record in self.waiting if record not in self.judged_by]

    def judge_again(self, records: Iterable[Record]) -> None:
        """Judge records by the rule of now."""
        self.judged_by |= dict.fromkeys(records, self.limit)

    def judge_days_again(self, first: date, last: date) -> None:
        """Judge the records of what has or gets rows in some days by the rule of now."""
        today = self.copy()
        today.judge_again(today.ingested)
        for family in DATED:
            rows = [row for model in (self, today) for row in model._records(family)]
            ids = {row[0] for row in rows if first <= row[DAY] <= last}
            self.judge_again([each for each in self.current(family) if (each.value or {}).get("id") in ids])

    def current(self, family: str) -> list[Record]:
        """Return the records that count: neither discarded nor replaced by a correction."""
        return [each for each in self.ingested if each.family == family and each not in self.decided]

    def invalid(self, family: str) -> list[Record]:
        """Return the records of which a part is in quarantine."""
        return [record for record in self.current(family) if self._is_invalid(record)]

    def tables(self, families: Iterable[str]) -> dict[str, Rows]:
        """Return the rows of all tables, sorted, without what says when they arrived."""
        return {name: sorted(rows, key=repr) for family in families for name, rows in self._family(family)}

    def _family(self, family: str) -> Iterator[tuple[str, Rows]]:
        yield f"bronze/{family}_raw", [(each.raw,) for each in self.ingested if each.family == family]
        if family == "marks":
            marks = self._marks()
            yield "silver/marks", marks
            yield "silver/visits", list(_visits(marks))
            yield "gold/daily", _daily(marks)
        elif family == "prices":
            yield "silver/prices", list(self._prices())
        else:
            yield "silver/receipts", list(self._receipts())

    def _is_invalid(self, record: Record) -> bool:
        if record.family == "receipts":
            return any(self._is_bad(line, record) for line in (record.value or {})["lines"])
        if record.value is None:
            return True
        if record.family == "prices":
            return _price(record.value["price"]) is None
        return self._is_bad(record.value["n"], record)

    def _is_bad(self, number: object, record: Record) -> bool:
        found = _number(number)
        return found is None or found <= self.judged_by[record]

    def _marks(self) -> Rows:
        valid = [each for each in self.current("marks") if each.value is not None and not self._is_invalid(each)]
        marks = {id: record.value or {} for id, record in _newest(valid, "at").items()}
        times = {id: _time(mark["at"]) for id, mark in marks.items()}
        return [(id, times[id], times[id].date(), mark["who"], int(mark["n"])) for id, mark in marks.items()]

    def _records(self, family: str) -> Rows:
        return self._marks() if family == "marks" else list(self._receipts())

    def _prices(self) -> Iterator[tuple[Any, ...]]:
        changes: dict[str, dict[datetime, Decimal]] = {}
        for record in self.current("prices"):
            if record.value is not None and (price := _price(record.value["price"])) is not None:
                changes.setdefault(record.value["thing"], {})[_time(record.value["changed_at"])] = price
        for thing, prices in changes.items():
            versions: list[tuple[datetime, Decimal]] = []
            for at in sorted(prices):
                if not versions or versions[-1][1] != prices[at]:
                    versions.append((at, prices[at]))
            ends = [at for at, _ in versions[1:]]
            for (at, price), end in zip(versions, [*ends, None], strict=True):
                yield thing, price, at, end, end is None

    def _receipts(self) -> Iterator[tuple[Any, ...]]:
        for id, record in _newest(self.current("receipts"), "updated_at").items():
            value = record.value or {}
            for line, number in enumerate(value["lines"], 1):
                if not self._is_bad(number, record):
                    yield id, line, date.fromisoformat(value["day"]), int(number), _time(value["updated_at"])


COLUMNS = {
    "silver/marks": ("id", "at", "day", "who", "n"),
    "silver/visits": ("who", "started_at", "ended_at", "day", "marks"),
    "gold/daily": ("day", "pieces"),
    "silver/prices": ("thing", "price", "valid_from", "valid_to", "is_current"),
    "silver/receipts": ("id", "line", "day", "n", "updated_at"),
}
"""The columns that the model has of each table; of bronze tables it has `raw`."""


def _newest(records: Iterable[Record], order_by: str) -> dict[str, Record]:
    """Return the record of each id that counts: at equal times that with the greater hash, of equal ones the first."""
    newest: dict[str, Record] = {}
    for record in records:
        value = record.value or {}
        known = newest.get(value["id"])
        if known is None or _rank(record, order_by) > _rank(known, order_by):
            newest[value["id"]] = record
    return newest


def _rank(record: Record, order_by: str) -> tuple[str, int]:
    return (record.value or {})[order_by], xxhash64(record.raw)


def _visits(marks: Rows) -> Iterator[tuple[Any, ...]]:
    for who in {mark[3] for mark in marks}:
        open_visit: list[datetime] = []
        for at in [*sorted(mark[1] for mark in marks if mark[3] == who), None]:
            if open_visit and (at is None or at - open_visit[-1] > timedelta(seconds=PAUSE_S)):
                yield who, open_visit[0], open_visit[-1], open_visit[0].date(), len(open_visit)
                open_visit = []
            open_visit += [] if at is None else [at]


def _daily(marks: Rows) -> Rows:
    pieces: dict[date, int] = {}
    for mark in marks:
        pieces[mark[2]] = pieces.get(mark[2], 0) + mark[4]
    return list(pieces.items())


def _number(text: object) -> int | None:
    try:
        return int(str(text))
    except ValueError:
        return None


def _price(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
