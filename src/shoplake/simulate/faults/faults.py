"""How much dirt of which kind, how much there was, and the means to spread it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.text import taken

if TYPE_CHECKING:
    from shoplake.simulate.ground_truth.schema import Counts

STREAMS = ("events", "customers", "products", "orders", "refunds")
SHARES: dict[str, dict[str, float]] = {
    "events": {
        "duplicate_in_file": 0.20,
        "duplicate_in_other_file": 0.15,
        "conflicting_duplicate": 0.10,
        "cut_json": 0.10,
        "missing_event_id": 0.06,
        "missing_event_ts": 0.06,
        "missing_visitor": 0.06,
        "unknown_event_name": 0.08,
        "negative_price": 0.07,
        "wrong_type_quantity": 0.04,
        "wrong_type_price": 0.04,
        "wrong_type_event_ts": 0.04,
        "late": 0.20,
        "out_of_order": 0.40,
    },
    "customers": {"invalid_email": 0.4, "missing_column": 0.2, "extra_column": 0.2, "missing_customer_id": 0.2},
    "products": {"negative_price": 0.6, "missing_product_id": 0.4},
    "orders": {"duplicate_in_file": 0.3, "duplicate_in_other_file": 0.4, "cut_json": 0.3},
    "refunds": {"duplicate_in_file": 0.5, "duplicate_in_other_file": 0.5},
}
"""Shares of the dirt by kind; without late and out_of_order, which add nothing, they sum to 1 in each stream."""

EXACT = ("duplicate_in_file", "duplicate_in_other_file")
CONFLICTING = ("conflicting_duplicate",)
MOVED = ("late", "out_of_order")
MOST_DAYS_LATE = 5


class Dirt:
    """Keeps account of dirt: what is due at so many clean records, and what was spread."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._clean: Counter[str] = Counter()
        self._spread: dict[str, Counter[str]] = {stream: Counter() for stream in STREAMS}

    def due(self, stream: str, clean: int) -> Counts:
        """How many records of each kind are to come with `clean` more clean records: at least one in the end."""
        self._clean[stream] += clean
        whole = self._clean[stream] * self._share
        least = int(whole > 0)
        spread = self._spread[stream]
        return {kind: max(0, max(least, round(whole * share)) - spread[kind]) for kind, share in SHARES[stream].items()}

    def add(self, stream: str, kind: str, count: int) -> None:
        """Note dirt that was spread."""
        self._spread[stream][kind] += count

    def kinds(self) -> dict[str, Counts]:
        """What was spread by stream and kind."""
        return {stream: {kind: self._spread[stream][kind] for kind in SHARES[stream]} for stream in STREAMS}

    def quarantined(self) -> dict[str, Counts]:
        """Records that cannot be taken in, by stream and cause."""
        good = (*EXACT, *CONFLICTING, *MOVED)
        kinds = self.kinds()
        return {stream: {kind: n for kind, n in kinds[stream].items() if kind not in good} for stream in STREAMS}

    def duplicates(self) -> dict[str, Counts]:
        """Records that repeat one, exactly or not, by stream."""
        return {
            stream: {
                "exact": sum(spread[kind] for kind in EXACT),
                "conflicting": sum(spread[kind] for kind in CONFLICTING),
            }
            for stream, spread in self._spread.items()
        }


class Postponed:
    """Lines that turn up in the file of a later day, at most five days later."""

    def __init__(self, last_day: int) -> None:
        self._last_day = last_day
        self._lines: defaultdict[int, list[str]] = defaultdict(list)

    def may_follow(self, day: int) -> bool:
        """Whether there is a later day."""
        return day < self._last_day

    def put(self, chance: np.random.Generator, day: int, lines: list[str]) -> None:
        """Keep lines of `day` for later days."""
        days_late = 1 + chance.integers(0, MOST_DAYS_LATE, len(lines))
        for line, target in zip(lines, np.minimum(day + days_late, self._last_day).tolist(), strict=True):
            self._lines[target].append(line)

    def waits_for(self, day: int) -> bool:
        """Whether lines are kept for `day`."""
        return bool(self._lines.get(day))

    def take(self, day: int) -> list[str]:
        """The lines kept for `day`, once."""
        return self._lines.pop(day, [])


def mixed_in(
    chance: np.random.Generator, lines: pa.StringArray, extra: list[str], *, out_of_order: int = 0
) -> pa.StringArray:
    """The lines with `extra` ones anywhere among them, and some that have changed places."""
    if not extra and not out_of_order:
        return lines
    place = np.concatenate([np.arange(len(lines)), chance.random(len(extra)) * len(lines)])
    order = np.argsort(place, kind="stable")
    moving = chance.permutation(len(order))[:out_of_order]
    order[np.sort(moving)] = order[moving]
    return taken(pa.concat_arrays([lines, pa.array(extra, pa.string())]), order)
