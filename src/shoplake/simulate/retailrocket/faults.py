"""Lines that should not be, and lines that come twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.simulate.faults.faults import mixed_in
from shoplake.simulate.rng import between, chance_of
from shoplake.simulate.text import taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    import pyarrow as pa

    from shoplake.simulate.retailrocket.ground_truth import Counts

DUPLICATE = "duplicate"
GOOD = ("same_moment", "orphan", "circle")
"""Kinds that are good records all the same and change nothing else."""
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
FIRST = 5_000_000
"""Numbers from here on are no clean record's."""


class Dirt:
    """Spreads dirt among the lines of one stream, and keeps account of it."""

    def __init__(self, seed: int, share: float, stream: str) -> None:
        self._seed, self._share, self._stream = seed, share, stream
        self.kinds: Counts = dict.fromkeys(SHARES[stream], 0)
        self.lines = 0

    def spread(self, blocks: Iterable[pa.StringArray], lesser: Iterable[str] = ()) -> Iterator[pa.StringArray]:
        """The blocks with dirt among their lines. `lesser` are values of the same moment that do not count."""
        waiting = list(lesser)
        for block in blocks:
            chance = chance_of(self._seed, f"dirt {self._stream}", self.lines)
            extra = [] if self._share == 0 or len(block) == 0 else self._extra(chance, block, waiting)
            mixed = mixed_in(chance, block, extra)
            self.lines += len(mixed)
            yield mixed

    def _extra(self, chance: np.random.Generator, block: pa.StringArray, lesser: list[str]) -> list[str]:
        found: list[str] = []
        for kind, share in SHARES[self._stream].items():
            count = max(1, round(len(block) * self._share * share))
            if kind == DUPLICATE:
                lines = taken(block, between(chance, 0, len(block), count)).to_pylist()
            elif kind == "same_moment":
                lines = [lesser.pop() for _ in range(min(count, len(lesser)))]
            else:
                first = FIRST + sum(self.kinds.values())
                lines = [FORMS[self._stream][kind].format(n=first + place) for place in range(count)]
            self.kinds[kind] += len(lines)
            found += lines
        return found

    @property
    def quarantined(self) -> Counts:
        """The bad ones by kind."""
        return {kind: count for kind, count in self.kinds.items() if kind not in (DUPLICATE, *GOOD)}

    @property
    def duplicates(self) -> Counts:
        """The records that repeat another."""
        return {"exact": self.kinds[DUPLICATE], "conflicting": 0}
