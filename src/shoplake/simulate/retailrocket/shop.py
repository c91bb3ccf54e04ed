"""A pretend shop in the shape of the Retailrocket files: its visits, its items, their properties."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, cast

import numpy as np

from shoplake.simulate.calendar import SECOND
from shoplake.simulate.files import appearing, write_blocks
from shoplake.simulate.retailrocket import hierarchy, lines
from shoplake.simulate.retailrocket.counts import of_events, of_items, of_tree
from shoplake.simulate.retailrocket.events import happened
from shoplake.simulate.retailrocket.faults import Dirt
from shoplake.simulate.retailrocket.ground_truth import STREAMS
from shoplake.simulate.retailrocket.items import Items
from shoplake.simulate.zenith.shop import MOST_DIRT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from shoplake.simulate.retailrocket.events import Events
    from shoplake.simulate.retailrocket.ground_truth import Arguments, Truth

PROPERTIES_AN_EVENT = 7.357
PROPERTIES_AN_ITEM = 48
PARTS = (0.5425, 1.0)
"""Where the parts of the properties end; these shares are the real ones."""


@dataclass(frozen=True)
class Shop:
    """The arguments of one generation, checked: equal shops drop equal bytes."""

    events: int
    properties: int
    days: int
    seed: int
    dirt: float
    starts_on: date

    def __post_init__(self) -> None:
        for name, least in {"events": 1, "properties": 1, "days": 1, "seed": 0}.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}.")
        if not 0 <= self.dirt <= MOST_DIRT:
            raise ValueError(f"dirt is a share of the records from 0 to {MOST_DIRT}, not {self.dirt}.")


def generate(
    landing: Path,
    *,
    events: int = 100_000,
    properties: int | None = None,
    days: int = 30,
    seed: int = 7,
    dirt: float = 0.0,
    starts_on: date = date(2015, 5, 3),
    event_files: int = 1,
    on_day: Callable[[int, int, int], None] | None = None,
) -> Truth:
    """Drop files in the shape of Retailrocket's into `landing`, with `truth.json` beside them, and return the truth.

    About `events` events over `days` days (the real data have 2,756,101 over 138), and about as many records of item
    properties as asked for, or else as there are for so many events in the real data. `dirt` is how many dirty records
    are added, as a share of the clean ones (0 to 0.5). Equal arguments give equal bytes. Events come in one file, or in
    `event_files` by time. `on_day` is told the number of the file or block that was written, how many there are, and
    the events.
    """
    shop = Shop(events, properties or max(1, round(events * PROPERTIES_AN_EVENT)), days, seed, dirt, starts_on)
    return _Season(landing, shop, event_files, on_day or (lambda *_: None)).drop()


class _Season:
    def __init__(self, landing: Path, shop: Shop, event_files: int, on_block: Callable[[int, int, int], None]) -> None:
        self._landing, self._shop, self._event_files, self._on_block = landing, shop, event_files, on_block
        starts_at = int(datetime.combine(shop.starts_on, datetime.min.time(), UTC).timestamp()) * SECOND
        count = max(1, shop.properties // PROPERTIES_AN_ITEM)
        self._tree = hierarchy.grown(shop.seed, count)
        self._items = Items(shop.seed, count, starts_at, shop.days, self._tree)
        self._events = happened(shop.seed, shop.events, count, starts_at, shop.days)
        self._dirt = {stream: Dirt(shop.seed, shop.dirt, stream) for stream in STREAMS}

    def drop(self) -> Truth:
        """Write the files, then what is true of them."""
        files = {"events": self._drop_events(), "item_properties": self._drop_properties(), "category_tree": 1}
        blocks = self._dirt["category_tree"].spread([self._tree.lines()])
        write_blocks(self._landing / "category_tree.csv", blocks, hierarchy.HEADER)
        arguments = {**asdict(self._shop), "starts_on": self._shop.starts_on.isoformat()}
        truth: Truth = {
            "arguments": cast("Arguments", arguments),
            "files": files,
            "lines": {stream: dirt.lines for stream, dirt in self._dirt.items()},
            "dirt": {stream: dirt.kinds for stream, dirt in self._dirt.items()},
            "quarantined": {stream: dirt.quarantined for stream, dirt in self._dirt.items()},
            "duplicates": {stream: dirt.duplicates for stream, dirt in self._dirt.items()},
            **of_events(self._events, self._items),
            "products": of_items(self._items),
            "categories": of_tree(self._tree, self._dirt["category_tree"].kinds),
        }
        with appearing(self._landing / "truth.json") as unfinished:
            unfinished.write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
        return truth

    def _drop_events(self) -> int:
        for number, index in enumerate(np.array_split(np.arange(len(self._events.at)), self._event_files), 1):
            name = f"events-{number:03}.csv" if self._event_files > 1 else "events.csv"
            some = self._dirt["events"].spread(_blocks(self._events.take(index)))
            write_blocks(self._landing / name, some, lines.EVENTS)
        return self._event_files

    def _drop_properties(self) -> int:
        told = lines.PropertyLines(self._shop.seed, self._items, self._shop.properties)
        dirt = self._dirt["item_properties"].spread(told, lesser=lines.lesser(self._items))
        done, blocks = 0, iter(dirt)
        for number, share in enumerate(PARTS, 1):
            upto = max(done, round(told.blocks * share))
            some = self._counted(zip(range(done, upto), blocks, strict=False), told.blocks)
            write_blocks(self._landing / f"item_properties_part{number}.csv", some, lines.PROPERTIES)
            done = upto
        return len(PARTS)

    def _counted(self, blocks: Iterable[tuple[int, pa.StringArray]], of: int) -> Iterator[pa.StringArray]:
        for number, block in blocks:
            self._on_block(number, of, len(self._events.at))
            yield block


def _blocks(events: Events) -> Iterator[pa.StringArray]:
    for start in range(0, max(1, len(events.at)), lines.BLOCK):
        yield lines.event_lines(events.take(np.arange(start, min(start + lines.BLOCK, len(events.at)))))
