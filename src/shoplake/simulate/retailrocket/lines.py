"""Events and properties as CSV lines, built from shared pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoplake.simulate.retailrocket.items import PUBLISH_RATES
from shoplake.simulate.rng import draw_integers, draw_weighted, rng_for
from shoplake.simulate.text import join_texts, take_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.simulate.retailrocket.events import Events
    from shoplake.simulate.retailrocket.items import Items

EVENTS = "timestamp,visitorid,event,itemid,transactionid\n"
PROPERTIES = "timestamp,itemid,property,value\n"
NAMES = ("view", "addtocart", "transaction")
BLOCK_ROWS = 1_000_000
KNOWN = ("888", "6", "283", "776", "678", "364", "202", "839")
"""The most frequent properties beside the three versioned ones; the others are numbers as well."""
OTHERS = 1_093
TEXTS = 8_192
"""Number of distinct values of other properties."""


def event_lines(events: Events) -> pa.StringArray:
    """Format events as CSV lines."""
    kinds = pa.array([f",{name}," for name in NAMES])
    orders = pa.array(["\n", *[f"{number}\n" for number in range(1, int(events.order.max(initial=0)) + 1)]])
    at, visitor, item = (pc.cast(pa.array(each), pa.string()) for each in (events.at, events.visitor, events.item))
    comma = pa.repeat(pa.scalar(","), len(events.at))
    return join_texts(at, comma, visitor, take_texts(kinds, events.kind), item, comma, take_texts(orders, events.order))


class PropertyLines:
    """Property lines in blocks of about `block_rows`, in no order: those of `items` and others, `count` in all."""

    def __init__(self, seed: int, items: Items, count: int, block_rows: int = BLOCK_ROWS) -> None:
        self._seed, self._items = seed, items
        self._times = pa.array([f"{at}," for at in items.moments.tolist()])
        self._ids = pa.array([f"{number}," for number in range(items.count)])
        self._versioned = self._shuffle_versioned()
        self.count = max(count, len(self._versioned))
        self.blocks = max(2, -(-self.count // block_rows))

    def __iter__(self) -> Iterator[pa.StringArray]:
        """Yield the lines block by block."""
        bounds = np.linspace(0, self.count, self.blocks + 1).astype(np.int64)
        shares = np.linspace(0, len(self._versioned), self.blocks + 1).astype(np.int64)
        for number in range(self.blocks):
            published = self._versioned.slice(int(shares[number]), int(shares[number + 1] - shares[number]))
            more = int(bounds[number + 1] - bounds[number]) - len(published)
            lines = pa.concat_arrays([published, self._draw_others(number, more)])
            order = rng_for(self._seed, "order of properties", number).permutation(len(lines))
            yield take_texts(lines, order)

    def _shuffle_versioned(self) -> pa.StringArray:
        """Format the lines of the versioned properties in random order."""
        lines = pa.concat_arrays([self._format_property(name) for name in PUBLISH_RATES])
        return take_texts(lines, rng_for(self._seed, "order of changes").permutation(len(lines)))

    def _format_property(self, name: str) -> pa.StringArray:
        item, week = np.nonzero(self._items.published[name])
        values, place = np.unique(self._items.values[name][item, week], return_inverse=True)
        texts = pa.array([f"{name},{format_value(name, value)}\n" for value in values.tolist()])
        return join_texts(take_texts(self._times, week), take_texts(self._ids, item), take_texts(texts, place))

    def _draw_others(self, block: int, count: int) -> pa.StringArray:
        rng = rng_for(self._seed, "other properties", block)
        names = pa.array([f"{name}," for name in _other_names()])
        weights = tuple(1 / (rank + 1) for rank in range(len(names)))
        texts = pa.array(_draw_texts(rng_for(self._seed, "texts")))
        return join_texts(
            take_texts(self._times, draw_integers(rng, 0, len(self._times), count)),
            take_texts(self._ids, draw_integers(rng, 0, len(self._ids), count)),
            take_texts(names, draw_weighted(rng, weights, count)),
            take_texts(texts, draw_integers(rng, 0, len(texts), count)),
        )


def losing_prices(items: Items, most: int = 100_000) -> Iterator[str]:
    """Yield price lines that sort before the published price of the same item and time."""
    item, week = np.nonzero(items.published["790"])
    for number, at in zip(item[:most].tolist(), items.moments[week[:most]].tolist(), strict=True):
        yield f"{at},{number},790,n0.000\n"


def format_value(name: str, value: int) -> str:
    """Format a value as in the files."""
    return f"n{value // 1000}.{value % 1000:03}" if name == "790" else str(value)


def _other_names() -> list[str]:
    numbers = (str(number) for number in range(1, OTHERS + len(KNOWN) + 20))
    others = [name for name in numbers if name not in KNOWN and name not in PUBLISH_RATES]
    return [*KNOWN, *others[:OTHERS]]


def _draw_texts(rng: np.random.Generator) -> list[str]:
    """Draw values such as `n552.000 639502 n720.000 424566`: words as numbers, numbers with an n."""
    words = draw_integers(rng, 0, 1_400_000, 4 * TEXTS).tolist()
    is_number = rng.random(4 * TEXTS) < 0.3
    many = draw_integers(rng, 1, 5, TEXTS).tolist()
    pieces = [
        f"n{word % 1000}.000" if flag else str(word) for word, flag in zip(words, is_number.tolist(), strict=True)
    ]
    return [" ".join(pieces[4 * place : 4 * place + count]) + "\n" for place, count in enumerate(many)]
