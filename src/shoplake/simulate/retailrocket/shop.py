"""A simulated shop in the format of the Retailrocket files: events, items and their properties."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, cast

import numpy as np

from shoplake.simulate.arguments import check_error_rate, check_least
from shoplake.simulate.calendar import SECOND
from shoplake.simulate.files import atomic_path, write_blocks
from shoplake.simulate.retailrocket import hierarchy, lines
from shoplake.simulate.retailrocket.counts import count_categories, count_events, count_items
from shoplake.simulate.retailrocket.events import generate_events
from shoplake.simulate.retailrocket.faults import StreamFaults
from shoplake.simulate.retailrocket.ground_truth import STREAMS
from shoplake.simulate.retailrocket.items import Items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from shoplake.simulate.retailrocket.events import Events
    from shoplake.simulate.retailrocket.ground_truth import Arguments, GroundTruth

PROPERTIES_PER_EVENT = 7.357
PROPERTIES_PER_ITEM = 48
PARTS = (0.5425, 1.0)
"""Cumulative shares at which the property files end, as in the real data."""


@dataclass(frozen=True)
class Shop:
    """The validated arguments of the generator; equal arguments give equal bytes."""

    events: int
    properties: int
    days: int
    seed: int
    error_rate: float
    starts_on: date

    def __post_init__(self) -> None:
        check_least(self, {"events": 1, "properties": 1, "days": 1, "seed": 0})
        check_error_rate(self.error_rate, of="records")


def generate(
    landing: Path,
    *,
    events: int = 100_000,
    properties: int | None = None,
    days: int = 30,
    seed: int = 7,
    error_rate: float = 0.0,
    starts_on: date = date(2015, 5, 3),
    event_files: int = 1,
    on_day: Callable[[int, int, int], None] | None = None,
) -> GroundTruth:
    """Write files in Retailrocket's format and `ground_truth.json` into `landing`, and return the ground truth.

    About `events` events over `days` days (the real data have 2,756,101 over 138), and about as many records of item
    properties as `properties`, by default in proportion to the events as in the real data. `error_rate` is the number
    of faulty records added, as a share of the clean ones (0 to 0.5). Equal arguments give equal bytes. Events are in
    one file, or in `event_files` files by time. `on_day` receives the number of the block written, the number of
    blocks, and the number of events. Raises ValueError for an argument out of range.
    """
    shop = Shop(events, properties or max(1, round(events * PROPERTIES_PER_EVENT)), days, seed, error_rate, starts_on)
    return _Generator(landing, shop, event_files, on_day or (lambda *_: None)).write()


class _Generator:
    def __init__(self, landing: Path, shop: Shop, event_files: int, on_block: Callable[[int, int, int], None]) -> None:
        self._landing, self._shop, self._event_files, self._on_block = landing, shop, event_files, on_block
        starts_at = int(datetime.combine(shop.starts_on, datetime.min.time(), UTC).timestamp()) * SECOND
        count = max(1, shop.properties // PROPERTIES_PER_ITEM)
        self._tree = hierarchy.generate_tree(shop.seed, count)
        self._items = Items(shop.seed, count, starts_at, shop.days, self._tree)
        self._events = generate_events(shop.seed, shop.events, count, starts_at, shop.days)
        self._faults = {stream: StreamFaults(shop.seed, shop.error_rate, stream) for stream in STREAMS}

    def write(self) -> GroundTruth:
        """Write the files and the ground truth."""
        files = {"events": self._write_events(), "item_properties": self._write_properties(), "category_tree": 1}
        blocks = self._faults["category_tree"].inject([self._tree.lines()])
        write_blocks(self._landing / "category_tree.csv", blocks, hierarchy.HEADER)
        arguments = {**asdict(self._shop), "starts_on": self._shop.starts_on.isoformat()}
        ground_truth: GroundTruth = {
            "arguments": cast("Arguments", arguments),
            "files": files,
            "lines": {stream: faults.lines for stream, faults in self._faults.items()},
            "faults": {stream: faults.kinds for stream, faults in self._faults.items()},
            "quarantined": {stream: faults.quarantined for stream, faults in self._faults.items()},
            "duplicates": {stream: faults.duplicates for stream, faults in self._faults.items()},
            **count_events(self._events, self._items),
            "products": count_items(self._items),
            "categories": count_categories(self._tree, self._faults["category_tree"].kinds),
        }
        with atomic_path(self._landing / "ground_truth.json") as temporary:
            temporary.write_text(json.dumps(ground_truth, indent=2) + "\n", encoding="utf-8")
        return ground_truth

    def _write_events(self) -> int:
        for number, index in enumerate(np.array_split(np.arange(len(self._events.at)), self._event_files), 1):
            name = f"events-{number:03}.csv" if self._event_files > 1 else "events.csv"
            some = self._faults["events"].inject(_blocks(self._events.take(index)))
            write_blocks(self._landing / name, some, lines.EVENTS)
        return self._event_files

    def _write_properties(self) -> int:
        properties = lines.PropertyLines(self._shop.seed, self._items, self._shop.properties)
        with_faults = self._faults["item_properties"].inject(properties, losing_prices=lines.losing_prices(self._items))
        done, blocks = 0, iter(with_faults)
        for number, share in enumerate(PARTS, 1):
            upto = max(done, round(properties.blocks * share))
            some = self._report_blocks(zip(range(done, upto), blocks, strict=False), properties.blocks)
            write_blocks(self._landing / f"item_properties_part{number}.csv", some, lines.PROPERTIES)
            done = upto
        return len(PARTS)

    def _report_blocks(self, blocks: Iterable[tuple[int, pa.StringArray]], of: int) -> Iterator[pa.StringArray]:
        for number, block in blocks:
            self._on_block(number, of, len(self._events.at))
            yield block


def _blocks(events: Events) -> Iterator[pa.StringArray]:
    for start in range(0, max(1, len(events.at)), lines.BLOCK_ROWS):
        yield lines.event_lines(events.take(np.arange(start, min(start + lines.BLOCK_ROWS, len(events.at)))))
