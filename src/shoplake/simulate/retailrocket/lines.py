"""Events and properties as lines of CSV, made from pieces that many lines share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoplake.simulate.retailrocket.items import RATES
from shoplake.simulate.rng import between, chance_of, weighted
from shoplake.simulate.text import joined, taken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.simulate.retailrocket.events import Events
    from shoplake.simulate.retailrocket.items import Items

EVENTS = "timestamp,visitorid,event,itemid,transactionid\n"
PROPERTIES = "timestamp,itemid,property,value\n"
NAMES = ("view", "addtocart", "transaction")
BLOCK = 1_000_000
KNOWN = ("888", "6", "283", "776", "678", "364", "202", "839")
"""The most frequent properties, beside the three that make versions; the others are numbers as well."""
OTHERS = 1_093
TEXTS = 8_192
"""Different values of other properties."""


def event_lines(events: Events) -> pa.StringArray:
    """The lines of events."""
    kinds = pa.array([f",{name}," for name in NAMES])
    orders = pa.array(["\n", *[f"{number}\n" for number in range(1, int(events.order.max(initial=0)) + 1)]])
    at, visitor, item = (pc.cast(pa.array(each), pa.string()) for each in (events.at, events.visitor, events.item))
    comma = pa.repeat(pa.scalar(","), len(events.at))
    return joined(at, comma, visitor, taken(kinds, events.kind), item, comma, taken(orders, events.order))


class PropertyLines:
    """The lines of all items' properties, in blocks and in no order: those of `items` and others, `count` in all."""

    def __init__(self, seed: int, items: Items, count: int) -> None:
        self._seed, self._items = seed, items
        self._times = pa.array([f"{at}," for at in items.moments.tolist()])
        self._ids = pa.array([f"{number}," for number in range(items.count)])
        self._told = self._shuffled()
        self.count = max(count, len(self._told))
        self.blocks = max(2, -(-self.count // BLOCK))

    def __iter__(self) -> Iterator[pa.StringArray]:
        """Block by block."""
        bounds = np.linspace(0, self.count, self.blocks + 1).astype(np.int64)
        shares = np.linspace(0, len(self._told), self.blocks + 1).astype(np.int64)
        for number in range(self.blocks):
            told = self._told.slice(int(shares[number]), int(shares[number + 1] - shares[number]))
            more = int(bounds[number + 1] - bounds[number]) - len(told)
            lines = pa.concat_arrays([told, self._others(number, more)])
            order = chance_of(self._seed, "order of properties", number).permutation(len(lines))
            yield taken(lines, order)

    def _shuffled(self) -> pa.StringArray:
        """The lines of the properties that make versions."""
        lines = pa.concat_arrays([self._of(name) for name in RATES])
        return taken(lines, chance_of(self._seed, "order of changes").permutation(len(lines)))

    def _of(self, name: str) -> pa.StringArray:
        item, week = np.nonzero(self._items.told[name])
        values, place = np.unique(self._items.values[name][item, week], return_inverse=True)
        texts = pa.array([f"{name},{value_text(name, value)}\n" for value in values.tolist()])
        return joined(taken(self._times, week), taken(self._ids, item), taken(texts, place))

    def _others(self, block: int, count: int) -> pa.StringArray:
        chance = chance_of(self._seed, "other properties", block)
        names = pa.array([f"{name}," for name in _other_names()])
        weights = tuple(1 / (rank + 1) for rank in range(len(names)))
        texts = pa.array(_texts(chance_of(self._seed, "texts")))
        return joined(
            taken(self._times, between(chance, 0, len(self._times), count)),
            taken(self._ids, between(chance, 0, len(self._ids), count)),
            taken(names, weighted(chance, weights, count)),
            taken(texts, between(chance, 0, len(texts), count)),
        )


def lesser(items: Items, most: int = 100_000) -> Iterator[str]:
    """Lines with a price that is less, as text, than the one told of the same item at the same moment."""
    item, week = np.nonzero(items.told["790"])
    for number, at in zip(item[:most].tolist(), items.moments[week[:most]].tolist(), strict=True):
        yield f"{at},{number},790,n0.000\n"


def value_text(name: str, value: int) -> str:
    """A value as it stands in the files."""
    return f"n{value // 1000}.{value % 1000:03}" if name == "790" else str(value)


def _other_names() -> list[str]:
    numbers = (str(number) for number in range(1, OTHERS + len(KNOWN) + 20))
    others = [name for name in numbers if name not in KNOWN and name not in RATES]
    return [*KNOWN, *others[:OTHERS]]


def _texts(chance: np.random.Generator) -> list[str]:
    """Values such as `n552.000 639502 n720.000 424566`: words as numbers, numbers with an n."""
    words = between(chance, 0, 1_400_000, 4 * TEXTS).tolist()
    is_number = chance.random(4 * TEXTS) < 0.3
    many = between(chance, 1, 5, TEXTS).tolist()
    pieces = [
        f"n{word % 1000}.000" if flag else str(word) for word, flag in zip(words, is_number.tolist(), strict=True)
    ]
    return [" ".join(pieces[4 * place : 4 * place + count]) + "\n" for place, count in enumerate(many)]
