"""Where data enters the house: kinds of shop data, and the feeds of one's own that are of that kind."""

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
    """Files of one sort in a feed's folder; each of their records becomes a row of the bronze table `into`.

    `fields` are those that the kind knows; others land in bronze all the same and are reported.
    """

    pattern: str
    format: Format
    into: str
    fields: tuple[str, ...] = ()

    def takes(self, path: str) -> bool:
        """Whether the file at `path`, relative to the feed's folder, belongs to this stream (gzip and zstd too)."""
        plain = path.removesuffix(".gz").removesuffix(".zst")
        return fnmatch(plain, self.pattern) and plain.count("/") == self.pattern.count("/")


@dataclass(frozen=True)
class PublishedFile:
    """A file that a publisher offers: its name, records, size in bytes and how its SHA-256 begins, where known."""

    name: str
    records: int
    bytes: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class FeedKind:
    """A kind of shop data: its streams, and how their records become the canonical shapes.

    `shapes` maps a silver table to functions of the raw records (a DataFrame of a bronze table, by that table's name),
    or of another table that it reads, and the feed; `steps` are the funnel steps such a shop sends. Of a public data
    set `published` are the files, and `home` is where they come from.
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
    """A folder of files of one shop; where `is_strict`, records with fields its kind does not know are set aside."""

    name: str
    kind: FeedKind = field(repr=False)
    path: str
    timezone: str = "UTC"
    currency: str | None = None
    is_strict: bool = False


Mapper: TypeAlias = "Callable[[DataFrame, Feed], DataFrame]"
Feeds = tuple[Feed, ...]
