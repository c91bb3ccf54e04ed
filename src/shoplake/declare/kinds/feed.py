"""Feeds: kinds of shop data, and the configured folders of such data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.declare.kinds.stream import Stream


@dataclass(frozen=True)
class PublishedFile:
    """A file of a public data set: name, records, and where known its size in bytes and the start of its SHA-256."""

    name: str
    records: int
    bytes: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class FeedKind:
    """A feed format: its streams, and the mapping of their records to silver tables.

    `mappings` maps a silver table to functions by the name of an input table (a bronze table or another input of the
    silver table); each takes that table's rows of one feed, and the feed. `funnel_steps` are the funnel steps that
    such a shop sends. `joins` are bronze tables with records that mappings join, so that a record of one batch may
    complete one of an earlier batch (see `join_records`); `waiting` are functions like `mappings` that return the
    records whose parts have not arrived, which are counted. `event_names` are the names of events that the kind maps,
    besides those that all kinds do. `published` are the files of a public data set, and `home`
    is its address.
    """

    name: str
    doc: str
    streams: tuple[Stream, ...]
    mappings: Mapping[str, Mapping[str, Mapper]]
    funnel_steps: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    waiting: Mapping[str, Mapping[str, Mapper]] = field(default_factory=dict)
    event_names: Mapping[str, str] = field(default_factory=dict)
    published: tuple[PublishedFile, ...] = ()
    home: str | None = None

    def streams_of(self, path: str) -> list[Stream]:
        """Return the streams that the file at `path`, relative to the feed's folder, belongs to, one a bronze table."""
        if path not in self._known_paths:
            matching: dict[str, Stream] = {}
            for stream in self.streams:
                if stream.matches(path):
                    matching.setdefault(stream.into, stream)
            self._known_paths[path] = list(matching.values())
        return self._known_paths[path]

    @cached_property
    def _known_paths(self) -> dict[str, list[Stream]]:
        """The streams of each file that was asked for: a watched folder has the same files time and again."""
        return {}


@dataclass(frozen=True)
class Feed:
    """A folder of files of one shop; where `is_strict`, records with fields unknown to its kind are quarantined.

    `events` are pairs: an event name that the shop sends, and its name in silver.
    """

    name: str
    kind: FeedKind = field(repr=False)
    path: str
    timezone: str = "UTC"
    currency: str | None = None
    is_strict: bool = False
    events: tuple[tuple[str, str], ...] = ()


Mapper: TypeAlias = "Callable[[DataFrame, Feed], DataFrame]"
Feeds = tuple[Feed, ...]
