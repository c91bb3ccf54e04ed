"""What a shop declares and what is known of its files: settings, what was ingested, and moments to go back to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from shoplake.declare import Feed
from shoplake.feeds import KINDS
from tools.soak.shop.shop_project import ShopProject

if TYPE_CHECKING:
    from datetime import datetime

ZONES, CURRENCIES = ("Europe/London", "America/New_York", "Asia/Kolkata"), ("GBP", "EUR")
EVENT_NAMES = ((), (("quiz_done", "page_view"),), (("quiz_done", "quiz"),))
"""What the settings map a name of events to that the kind does not know."""

FEED = "shop"
"""The name of the feed of a lake that has one."""
Place = tuple[str, int, str]
"""File, line and text of a record."""


@dataclass
class Content:
    """The lines of each file that was ingested, and what replaced some of them: None where a record was discarded.

    `arrivals` has the number of the step in which what a file holds now was ingested.
    """

    files: dict[str, list[str]] = field(default_factory=dict)
    decided: dict[Place, str | None] = field(default_factory=dict)
    arrivals: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Content:
        """Return a content that changes alone."""
        return Content({**self.files}, {**self.decided}, {**self.arrivals})

    def arrive(self, files: dict[str, list[str]]) -> None:
        """Take in what files hold now."""
        number = max(self.arrivals.values(), default=0) + 1
        self.arrivals |= {name: number for name, lines in files.items() if self.files.get(name) != lines}
        self.files |= files

    def counted(self) -> dict[str, list[str | None]]:
        """Return the lines that count of each file."""
        return {
            name: [self.decided.get((name, number, text), text) for number, text in enumerate(lines, 1)]
            for name, lines in self.files.items()
        }


@dataclass(frozen=True)
class Moment:
    """A moment at which nothing was at work, and what was ingested then."""

    at: datetime
    content: Content


@dataclass(frozen=True)
class ShopSettings:
    """The settings of the feed, and the project beside them.

    `replaces` says whether new content of a known file replaces the former one.
    """

    timezone: str = ZONES[0]
    currency: str = CURRENCIES[0]
    event_names: int = 0
    replaces: bool = False
    files_per_batch: int = 10_000
    project: ShopProject = field(default_factory=ShopProject)


def feed_of(name: str, kind: str, path: str, settings: ShopSettings) -> Feed:
    """Return a feed with the settings of a shop."""
    feed = Feed(name, KINDS[kind], path, settings.timezone, settings.currency)
    return replace(feed, events=EVENT_NAMES[settings.event_names]) if feed.kind.funnel_steps else feed
