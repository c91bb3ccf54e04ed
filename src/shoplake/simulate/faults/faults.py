"""Which faults are due, which were injected, and helpers to inject them."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.text import take_texts

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
"""Shares of the faults by kind. They sum to 1 in each stream without late and out_of_order, which add no records."""

EXACT = ("duplicate_in_file", "duplicate_in_other_file")
CONFLICTING = ("conflicting_duplicate",)
MOVED = ("late", "out_of_order")
MAX_DAYS_LATE = 5


class FaultPlan:
    """Plans faults at a share of the clean records and counts what was injected."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._clean: Counter[str] = Counter()
        self._injected: dict[str, Counter[str]] = {stream: Counter() for stream in STREAMS}

    def due(self, stream: str, clean: int) -> Counts:
        """Return the number of faults due by kind after `clean` more clean records: at least one of each in the end."""
        self._clean[stream] += clean
        whole = self._clean[stream] * self._share
        least = int(whole > 0)
        injected = self._injected[stream]
        return {
            kind: max(0, max(least, round(whole * share)) - injected[kind]) for kind, share in SHARES[stream].items()
        }

    def record(self, stream: str, kind: str, count: int) -> None:
        """Count injected faults."""
        self._injected[stream][kind] += count

    def counts(self) -> dict[str, Counts]:
        """Return the injected faults by stream and kind."""
        return {stream: {kind: self._injected[stream][kind] for kind in SHARES[stream]} for stream in STREAMS}

    def quarantined(self) -> dict[str, Counts]:
        """Return the records that violate a rule, by stream and cause."""
        valid = (*EXACT, *CONFLICTING, *MOVED)
        counts = self.counts()
        return {stream: {kind: n for kind, n in counts[stream].items() if kind not in valid} for stream in STREAMS}

    def duplicates(self) -> dict[str, Counts]:
        """Return the duplicate records by stream, exact and conflicting ones."""
        return {
            stream: {
                "exact": sum(injected[kind] for kind in EXACT),
                "conflicting": sum(injected[kind] for kind in CONFLICTING),
            }
            for stream, injected in self._injected.items()
        }


class DelayedLines:
    """Lines that arrive in the file of a later day, at most `MAX_DAYS_LATE` days later."""

    def __init__(self, last_day: int) -> None:
        self._last_day = last_day
        self._lines: defaultdict[int, list[str]] = defaultdict(list)

    def has_later_day(self, day: int) -> bool:
        """Whether there is a later day."""
        return day < self._last_day

    def delay(self, rng: np.random.Generator, day: int, lines: list[str]) -> None:
        """Schedule lines of `day` for later days."""
        days_late = 1 + rng.integers(0, MAX_DAYS_LATE, len(lines))
        for line, target in zip(lines, np.minimum(day + days_late, self._last_day).tolist(), strict=True):
            self._lines[target].append(line)

    def pop(self, day: int) -> list[str]:
        """Remove and return the lines scheduled for `day`."""
        return self._lines.pop(day, [])


def mix_in(
    rng: np.random.Generator, lines: pa.StringArray, extra: list[str], *, out_of_order: int = 0
) -> pa.StringArray:
    """Insert `extra` lines at random positions and let `out_of_order` lines change places."""
    if not extra and not out_of_order:
        return lines
    place = np.concatenate([np.arange(len(lines)), rng.random(len(extra)) * len(lines)])
    order = np.argsort(place, kind="stable")
    moving = rng.permutation(len(order))[:out_of_order]
    order[np.sort(moving)] = order[moving]
    return take_texts(pa.concat_arrays([lines, pa.array(extra, pa.string())]), order)
