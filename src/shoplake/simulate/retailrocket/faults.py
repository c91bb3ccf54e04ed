"""Invalid and duplicate lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.simulate.faults.faults import mix_in
from shoplake.simulate.rng import draw_integers, rng_for
from shoplake.simulate.text import take_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    import pyarrow as pa

    from shoplake.simulate.retailrocket.ground_truth import Counts

DUPLICATE = "duplicate"
VALID_KINDS = ("same_moment", "orphan", "circle")
"""Kinds that are valid records and change no measure."""
SHARES: dict[str, dict[str, float]] = {
    "events": {
        DUPLICATE: 0.4,
        "missing_field": 0.15,
        "bad_timestamp": 0.15,
        "stray_quote": 0.1,
        "unknown_event": 0.1,
        "missing_order": 0.1,
    },
    "item_properties": {
        DUPLICATE: 0.4,
        "extra_field": 0.15,
        "bad_timestamp": 0.1,
        "bad_price": 0.1,
        "bad_flag": 0.1,
        "same_moment": 0.15,
    },
    "category_tree": {DUPLICATE: 0.2, "missing_field": 0.2, "bad_parent": 0.2, "orphan": 0.2, "circle": 0.2},
}
FORMS = {
    "events": {
        "missing_field": "1433221332117,{n},view,{n}\n",
        "bad_timestamp": "2015-06-02,{n},view,{n},\n",
        "stray_quote": '1433221332117,"{n}"0,view,{n},\n',
        "unknown_event": "1433221332117,{n},stare,{n},\n",
        "missing_order": "1433221332117,{n},transaction,{n},\n",
    },
    "item_properties": {
        "extra_field": "1435460400000,{n},888,{n},\n",
        "bad_timestamp": "soon,{n},888,{n}\n",
        "bad_price": "1435460400000,{n},790,{n} pounds\n",
        "bad_flag": "1435460400000,{n},available,{n}{n}\n",
    },
    "category_tree": {
        "missing_field": "{n}\n",
        "bad_parent": "{n},root\n",
        "orphan": "{n},99{n}\n",
        "circle": "{n},{n}\n",
    },
}
FIRST_FAULT_NUMBER = 5_000_000
"""No clean record has a number from here on."""


class StreamFaults:
    """Injects faults into the lines of one stream and counts them."""

    def __init__(self, seed: int, share: float, stream: str) -> None:
        self._seed, self._share, self._stream = seed, share, stream
        self.kinds: Counts = dict.fromkeys(SHARES[stream], 0)
        self.lines = 0

    def inject(self, blocks: Iterable[pa.StringArray], losing_prices: Iterable[str] = ()) -> Iterator[pa.StringArray]:
        """Yield the blocks with faults inserted; `losing_prices` are price lines without effect."""
        unused_prices = list(losing_prices)
        for block in blocks:
            rng = rng_for(self._seed, f"dirt {self._stream}", self.lines)
            extra = [] if self._share == 0 or len(block) == 0 else self._draw_faults(rng, block, unused_prices)
            mixed = mix_in(rng, block, extra)
            self.lines += len(mixed)
            yield mixed

    def _draw_faults(self, rng: np.random.Generator, block: pa.StringArray, losing_prices: list[str]) -> list[str]:
        added: list[str] = []
        for kind, share in SHARES[self._stream].items():
            count = max(1, round(len(block) * self._share * share))
            if kind == DUPLICATE:
                lines = take_texts(block, draw_integers(rng, 0, len(block), count)).to_pylist()
            elif kind == "same_moment":
                lines = [losing_prices.pop() for _ in range(min(count, len(losing_prices)))]
            else:
                first = FIRST_FAULT_NUMBER + sum(self.kinds.values())
                lines = [FORMS[self._stream][kind].format(n=first + place) for place in range(count)]
            self.kinds[kind] += len(lines)
            added += lines
        return added

    @property
    def quarantined(self) -> Counts:
        """The invalid records by kind."""
        return {kind: count for kind, count in self.kinds.items() if kind not in (DUPLICATE, *VALID_KINDS)}

    @property
    def duplicates(self) -> Counts:
        """The records that repeat another, exact or conflicting."""
        return {"exact": self.kinds[DUPLICATE], "conflicting": 0}
