"""Feeds: kinds of shop data, and the configured folders of such data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Format = Literal["json", "csv", "parquet"]


@dataclass(frozen=True)
class Stream:
    """Files of one pattern in a feed's folder; each record becomes a row of the bronze table `into`.

    `fields` are those that the kind maps; other fields are kept in bronze and reported as schema drift.
    """

    pattern: str
    format: Format
    into: str
    fields: tuple[str, ...] = ()

    def matches(self, path: str) -> bool:
        """Whether the file at `path`, relative to the feed's folder, belongs to this stream (gzip and zstd too)."""
        plain = path.removesuffix(".gz").removesuffix(".zst")
        return fnmatch(plain, self.pattern) and plain.count("/") == self.pattern.count("/")


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
    such a shop sends. `published` are the files of a public data set, and `home` is its address.
    """

    name: str
    doc: str
    streams: tuple[Stream, ...]
    mappings: Mapping[str, Mapping[str, Mapper]]
    funnel_steps: tuple[str, ...] = ()
    published: tuple[PublishedFile, ...] = ()
    home: str | None = None


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
