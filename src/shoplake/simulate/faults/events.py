"""Faulty events: duplicate, conflicting, late, truncated, incomplete, unknown or of the wrong type."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from shoplake.simulate.calendar import MINUTE, SECOND
from shoplake.simulate.faults.faults import DelayedLines, FaultPlan, mix_in
from shoplake.simulate.rng import rng_for, scramble
from shoplake.simulate.text import format_time, take_texts

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.ground_truth.schema import Counts
    from shoplake.simulate.rng import Ints
    from shoplake.simulate.zenith.shop import Shop

FIRST_FAULT_NUMBER = 2**62
"""Invalid events have ids made from numbers that no clean event has."""

Event = dict[str, Any]


class FaultableEvents(Protocol):
    """Events of a shop: their times (UTC ms) and products, of which -1 is none."""

    @property
    def at(self) -> Ints: ...  # noqa: D102

    @property
    def product(self) -> Ints: ...  # noqa: D102

    def __len__(self) -> int: ...


class EventFaults:
    """Injects faults into the event files, part by part."""

    def __init__(self, shop: Shop, calendar: Calendar, faults: FaultPlan) -> None:
        self._seed, self._calendar, self._faults = shop.seed, calendar, faults
        self._is_enabled = shop.error_rate > 0
        self._invalid = 0
        self.delayed = DelayedLines(calendar.last_day)

    def inject(self, day: int, part: int, rows: FaultableEvents, lines: pa.StringArray) -> pa.StringArray:
        """Return the lines of a file with its faults; `rows` are the same events as `lines`."""
        if not self._is_enabled:
            return lines
        rng = rng_for(self._seed, f"dirty events {part}", day)
        due = self._plan(day, rows)
        extra = self.delayed.pop(day)
        repeated, contradicted, moved = self._pick_events(rng, day, rows, due)
        extra += take_texts(lines, repeated[: due["duplicate_in_file"]]).to_pylist()
        later = take_texts(lines, repeated[due["duplicate_in_file"] :]).to_pylist()
        extra += [_contradict(rng, line) for line in take_texts(lines, contradicted).to_pylist()]
        self.delayed.delay(rng, day, later + take_texts(lines, moved).to_pylist())
        for kind in (*MUTATIONS, "cut_json"):
            extra += self._make_invalid(rng, kind, due[kind], rows, lines)
        self._record(due)
        stays = np.ones(len(lines), dtype=bool)
        stays[moved] = False
        return mix_in(rng, take_texts(lines, np.flatnonzero(stays)), extra, out_of_order=due["out_of_order"])

    def _plan(self, day: int, rows: FaultableEvents) -> Counts:
        """Return the number of faults due in this part by kind, as far as its events allow."""
        due = self._faults.due("events", len(rows))
        if not self.delayed.has_later_day(day):
            due["duplicate_in_file"] += due["duplicate_in_other_file"]
            due["duplicate_in_other_file"] = due["late"] = 0
        due["out_of_order"] = min(due["out_of_order"], len(rows))
        has_products = bool((rows.product >= 0).any())
        return {kind: count if has_products else 0 for kind, count in due.items()}

    def _pick_events(
        self, rng: np.random.Generator, day: int, rows: FaultableEvents, due: Counts
    ) -> tuple[Ints, Ints, Ints]:
        """Pick disjoint events: to repeat, to contradict and to move to a later file.

        Reduces `due` where there are too few events.
        """
        order = rng.permutation(len(rows))
        has_time = rows.at[order] + MINUTE < self._calendar.starts[day + 1]
        contradicted = order[has_time][: due["conflicting_duplicate"]]
        due["conflicting_duplicate"] = len(contradicted)
        others = order[~np.isin(order, contradicted)]
        moved, repeated = others[: due["late"]], others[due["late"] :]
        due["late"] = len(moved)
        due["duplicate_in_file"] = min(due["duplicate_in_file"], len(repeated))
        due["duplicate_in_other_file"] = min(due["duplicate_in_other_file"], len(repeated) - due["duplicate_in_file"])
        return repeated[: due["duplicate_in_file"] + due["duplicate_in_other_file"]], contradicted, moved

    def _make_invalid(
        self, rng: np.random.Generator, kind: str, count: int, rows: FaultableEvents, lines: pa.StringArray
    ) -> list[str]:
        """Create new product events that each have one fault."""
        likely = np.flatnonzero(rows.product >= 0)
        models = likely[rng.integers(0, len(likely), count)] if count else likely[:0]
        numbers = FIRST_FAULT_NUMBER + self._invalid + np.arange(count)
        self._invalid += count
        invalid = []
        for line, mix in zip(
            take_texts(lines, models).to_pylist(), scramble(numbers, self._seed, "event").tolist(), strict=True
        ):
            event = json.loads(line) | {"event_id": f"e{mix:016x}"}
            MUTATIONS.get(kind, _keep)(event)
            invalid.append(truncate(rng, _to_line(event)) if kind == "cut_json" else _to_line(event))
        return invalid

    def _record(self, due: Counts) -> None:
        for kind, count in due.items():
            self._faults.record("events", kind, count)


def truncate(rng: np.random.Generator, line: str) -> str:
    """Break the line off somewhere in the middle."""
    return line[: int(rng.integers(len(line) // 4, len(line) * 9 // 10))] + "\n"


def _contradict(rng: np.random.Generator, line: str) -> str:
    """Repeat an event id at most a minute later with another quantity or page."""
    event: Event = json.loads(line)
    at = round(datetime.fromisoformat(event["event_ts"]).timestamp() * SECOND)
    event["event_ts"] = format_time(at + int(rng.integers(SECOND, MINUTE + 1)))
    if event["quantity"] is None:
        event["page_url"] += "#retry"
    else:
        event["quantity"] += 1
    return _to_line(event)


def _to_line(event: Event) -> str:
    return json.dumps(event, separators=(",", ":")) + "\n"


def _keep(event: Event) -> None:
    pass


def _drop_fields(*fields: str) -> Callable[[Event], None]:
    """Create a mutation that sets fields to null in one half of the records and drops them in the other."""

    def drop_fields(event: Event) -> None:
        is_absent = event["session_id"] < "s8"
        for field in fields:
            event[field] = None
            if is_absent:
                del event[field]

    return drop_fields


def _set_fields(**values: object) -> Callable[[Event], None]:
    return lambda event: event.update(values)


def _negate_price(event: Event) -> None:
    event["price"] = -event["price"]


MUTATIONS: dict[str, Callable[[Event], None]] = {
    "missing_event_id": _drop_fields("event_id"),
    "missing_event_ts": _drop_fields("event_ts"),
    "missing_visitor": _drop_fields("user_id", "anonymous_id"),
    "unknown_event_name": _set_fields(event_name="mystery_event"),
    "negative_price": _negate_price,
    "wrong_type_quantity": _set_fields(quantity="two"),
    "wrong_type_price": _set_fields(price={"amount": 5}),
    "wrong_type_event_ts": _set_fields(event_ts="yesterday"),
}
