"""Dirty events: repeated, contradicting, late, cut, incomplete, unknown, of the wrong type."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from shoplake.simulate.calendar import MINUTE, SECOND
from shoplake.simulate.faults.faults import Dirt, Postponed, mixed_in
from shoplake.simulate.rng import chance_of, mixed
from shoplake.simulate.text import taken, time_text

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.ground_truth.schema import Counts
    from shoplake.simulate.rng import Ints
    from shoplake.simulate.zenith.events import Rows
    from shoplake.simulate.zenith.shop import Shop

FIRST_NUMBER = 2**62
"""Bad events have ids of their own, made from numbers that no clean event has."""

Event = dict[str, Any]


class DirtyEvents:
    """Spreads dirt over the events' files, part by part."""

    def __init__(self, shop: Shop, calendar: Calendar, dirt: Dirt) -> None:
        self._seed, self._calendar, self._dirt = shop.seed, calendar, dirt
        self._is_wanted = shop.dirt > 0
        self._bad = 0
        self.postponed = Postponed(calendar.last_day)

    def spread(self, day: int, part: int, rows: Rows, lines: pa.StringArray) -> pa.StringArray:
        """The lines of a file with what is dirty in it; `rows` are the same events."""
        if not self._is_wanted:
            return lines
        chance = chance_of(self._seed, f"dirty events {part}", day)
        due = self._due(day, rows)
        extra = self.postponed.take(day)
        repeated, contradicted, moved = self._distinct(chance, day, rows, due)
        extra += taken(lines, repeated[: due["duplicate_in_file"]]).to_pylist()
        later = taken(lines, repeated[due["duplicate_in_file"] :]).to_pylist()
        extra += [_contradicting(chance, line) for line in taken(lines, contradicted).to_pylist()]
        self.postponed.put(chance, day, later + taken(lines, moved).to_pylist())
        for kind in (*MISTAKES, "cut_json"):
            extra += self._bad_ones(chance, kind, due[kind], rows, lines)
        self._note(due)
        stays = np.ones(len(lines), dtype=bool)
        stays[moved] = False
        return mixed_in(chance, taken(lines, np.flatnonzero(stays)), extra, out_of_order=due["out_of_order"])

    def _due(self, day: int, rows: Rows) -> Counts:
        """What is due in this part, as far as there are events to make it from."""
        due = self._dirt.due("events", len(rows))
        if not self.postponed.may_follow(day):
            due["duplicate_in_file"] += due["duplicate_in_other_file"]
            due["duplicate_in_other_file"] = due["late"] = 0
        due["out_of_order"] = min(due["out_of_order"], len(rows))
        has_products = bool((rows.product >= 0).any())
        return {kind: count if has_products else 0 for kind, count in due.items()}

    def _distinct(self, chance: np.random.Generator, day: int, rows: Rows, due: Counts) -> tuple[Ints, Ints, Ints]:
        """Different events each: to be repeated, to be contradicted and to be moved to a later file.

        Where there are too few, less is due.
        """
        order = chance.permutation(len(rows))
        has_time = rows.at[order] + MINUTE < self._calendar.starts[day + 1]
        contradicted = order[has_time][: due["conflicting_duplicate"]]
        due["conflicting_duplicate"] = len(contradicted)
        others = order[~np.isin(order, contradicted)]
        moved, repeated = others[: due["late"]], others[due["late"] :]
        due["late"] = len(moved)
        due["duplicate_in_file"] = min(due["duplicate_in_file"], len(repeated))
        due["duplicate_in_other_file"] = min(due["duplicate_in_other_file"], len(repeated) - due["duplicate_in_file"])
        return repeated[: due["duplicate_in_file"] + due["duplicate_in_other_file"]], contradicted, moved

    def _bad_ones(
        self, chance: np.random.Generator, kind: str, count: int, rows: Rows, lines: pa.StringArray
    ) -> list[str]:
        """New records that look like events of a product but for one mistake."""
        likely = np.flatnonzero(rows.product >= 0)
        models = likely[chance.integers(0, len(likely), count)] if count else likely[:0]
        numbers = FIRST_NUMBER + self._bad + np.arange(count)
        self._bad += count
        bad = []
        for line, mix in zip(
            taken(lines, models).to_pylist(), mixed(numbers, self._seed, "event").tolist(), strict=True
        ):
            event = json.loads(line) | {"event_id": f"e{mix:016x}"}
            MISTAKES.get(kind, _no_mistake)(event)
            bad.append(cut(chance, _text(event)) if kind == "cut_json" else _text(event))
        return bad

    def _note(self, due: Counts) -> None:
        for kind, count in due.items():
            self._dirt.add("events", kind, count)


def cut(chance: np.random.Generator, line: str) -> str:
    """The line broken off somewhere in the middle."""
    return line[: int(chance.integers(len(line) // 4, len(line) * 9 // 10))] + "\n"


def _contradicting(chance: np.random.Generator, line: str) -> str:
    """The same event id at most a minute later, with another quantity or page."""
    event: Event = json.loads(line)
    at = round(datetime.fromisoformat(event["event_ts"]).timestamp() * SECOND)
    event["event_ts"] = time_text(at + int(chance.integers(SECOND, MINUTE + 1)))
    if event["quantity"] is None:
        event["page_url"] += "#retry"
    else:
        event["quantity"] += 1
    return _text(event)


def _text(event: Event) -> str:
    return json.dumps(event, separators=(",", ":")) + "\n"


def _no_mistake(event: Event) -> None:
    pass


def _missing(*fields: str) -> Callable[[Event], None]:
    """Fields that are null in one half of the records and absent in the other."""

    def forget(event: Event) -> None:
        is_absent = event["session_id"] < "s8"
        for field in fields:
            event[field] = None
            if is_absent:
                del event[field]

    return forget


def _having(**values: object) -> Callable[[Event], None]:
    return lambda event: event.update(values)


def _negative(event: Event) -> None:
    event["price"] = -event["price"]


MISTAKES: dict[str, Callable[[Event], None]] = {
    "missing_event_id": _missing("event_id"),
    "missing_event_ts": _missing("event_ts"),
    "missing_visitor": _missing("user_id", "anonymous_id"),
    "unknown_event_name": _having(event_name="mystery_event"),
    "negative_price": _negative,
    "wrong_type_quantity": _having(quantity="two"),
    "wrong_type_price": _having(price={"amount": 5}),
    "wrong_type_event_ts": _having(event_ts="yesterday"),
}
