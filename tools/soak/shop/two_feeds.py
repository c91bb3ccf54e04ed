"""A lake with two feeds whose records meet: names of files, ids and times are the same, and nothing is to mix.

Its rows are to be those of two lakes that have one of the feeds each.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tools.soak.shop.shop_lake import ShopLake
from tools.soak.shop.shop_records import ShopRecords
from tools.soak.shop.shop_state import CURRENCIES, ZONES, ShopSettings, feed_of
from tools.soak.shop.shopify_records import FOREIGN

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from shoplake.declare import Feed

FEEDS = ("one", "two")
PAIRS = ("zenith zenith", "zenith segment", "shopify zenith", "woocommerce shopify", "segment segment")
"""The kinds of the two feeds."""


class TwoFeedsLake(ShopLake):
    """A lake with a feed of each of the two kinds, whose files lie in folders of their names.

    The second feed has the next time zone and the other currency.
    """

    def kind_of(self, feed: str) -> str:
        """Return the kind of a feed."""
        return self.kind.split()[FEEDS.index(feed)]

    def settings_of(self, feed: str) -> ShopSettings:
        """Return the settings with the time zone and the currency of a feed."""
        if feed == FEEDS[0]:
            return self.settings
        zone, currency = ZONES.index(self.settings.timezone), CURRENCIES.index(self.settings.currency)
        others = {"timezone": ZONES[(zone + 1) % len(ZONES)], "currency": CURRENCIES[1 - currency]}
        return replace(self.settings, **others)  # type: ignore[arg-type]

    def feeds(self) -> tuple[Feed, ...]:
        """Return both feeds; their folders are there."""
        for name in FEEDS:
            (self.landing / name).mkdir(exist_ok=True)
        return tuple(
            feed_of(name, self.kind_of(name), str(self.landing / name), self.settings_of(name)) for name in FEEDS
        )

    def make_records(self, chance: random.Random) -> RecordsOfFeeds:
        """Return what makes the records of both feeds."""
        makers = {name: FOREIGN.get(self.kind_of(name), ShopRecords) for name in FEEDS}
        return RecordsOfFeeds(chance, {name: make(chance, is_dated=self.is_dated) for name, make in makers.items()})

    def others_to_fix(self, found: Mapping[str, Any], chance: random.Random) -> list[dict[str, Any]]:
        """Return a quarantined record of the other feed for half of the corrections, where there is one."""
        others = [
            each
            for _, each in self.undecided()
            if each["feed"] != found["feed"] and self.is_landed(each) and each["record_id"] != found["record_id"]
        ]
        return [chance.choice(others)] if others and chance.random() < 0.5 else []

    def file_of(self, found: Mapping[str, Any]) -> str:
        """Return the name of the file of a quarantined record, with the folder of its feed."""
        return f"{found['feed']}/{found['file']}"

    def fresh(self, folder: Path, chance: random.Random) -> list[ShopLake]:
        """Return a lake of each feed alone."""
        return [self._alone(name, folder / name, chance) for name in FEEDS]

    def check_records(self, fresh: Iterable[ShopLake]) -> None:
        """Raise DifferenceError where rows of a feed are not what plain Python makes of its records."""
        for each in fresh:
            each.check_records([])

    def _alone(self, feed: str, folder: Path, chance: random.Random) -> ShopLake:
        alone = ShopLake(folder, self.names, self.template, self.kind_of(feed))
        alone.feed, alone.settings = feed, self.settings_of(feed)
        counted = {name: lines for name, lines in self.content.counted().items() if name.startswith(f"{feed}/")}
        runs = [[(name.partition("/")[2], lines) for name, lines in run] for run in self.runs(chance, counted)]
        self.fill(alone, runs)
        for name, lines in (each for run in runs for each in run):
            alone.content.files[name] = lines  # type: ignore[assignment]
        return alone


class RecordsOfFeeds(ShopRecords):
    """Makes records of two feeds: a stream is named with its feed, as in `one/events`.

    Some files have the same records as a file of the other feed.
    """

    def __init__(self, random: random.Random, makers: Mapping[str, ShopRecords]) -> None:
        super().__init__(random)
        self._makers_of, self._numbers = makers, dict.fromkeys(makers, 0)
        self._last: dict[str, list[str]] = {}

    def choose_stream(self) -> str:
        """Return the stream of the next file."""
        feed = self._random.choice([*self._makers_of])
        return f"{feed}/{self._makers_of[feed].choose_stream()}"

    def choose_name(self, stream: str, number: int) -> str:
        """Return the name of the next file: each feed has numbers of its own, so that names are the same."""
        feed, _, own = stream.partition("/")
        self._numbers[feed] += 1
        return self._makers_of[feed].choose_name(own, self._numbers[feed])

    def texts(self, stream: str, most: int = 4, *, is_page: bool = False) -> list[str]:
        """Return texts of records; where the kinds of the feeds are the same, sometimes the last ones of the other."""
        feed, _, own = stream.partition("/")
        kinds = {type(each) for each in self._makers_of.values()}
        known = [texts for name, texts in self._last.items() if name.endswith(f"/{own}") and name != stream]
        if len(kinds) == 1 and not is_page and known and self._random.random() < 0.25:
            return known[0]
        texts = self._makers_of[feed].texts(own, most, is_page=is_page)
        if not is_page:
            self._last[stream] = texts
        return texts

    def good(self, stream: str, rows: int = 1) -> str:
        """Return the text of a record without a fault."""
        feed, _, own = stream.partition("/")
        return self._makers_of[feed].good(own, rows)
