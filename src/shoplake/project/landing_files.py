"""The files of a folder, and the kind of shop data that they look like."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from shoplake.declare import Feed
from shoplake.engine import describe_foreign, list_all_files, read_field_names, sketch_streams

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shoplake.declare import FeedKind
    from shoplake.declare.kinds.stream import Format
    from shoplake.engine import File

MIN_FIELDS = 4
"""Fields of a kind that a file has at least if it is one of its files; of a stream of fewer fields, all.

Three are too few: `type`, `timestamp` and `userId` are in the files of most trackers.
"""
LEAST_SHARE = 0.5
"""The share of such fields among those of the file or of the stream, whichever has fewer."""

COMMON = frozenset(
    (
        *("id", "name", "email", "status", "currency", "amount", "reason", "total", "price", "quantity", "sku", "type"),
        *("date", "created", "created_at", "updated_at", "description", "note", "country", "city", "phone", "title"),
        *("url", "metadata", "customer_id", "product_id", "order_id"),
    )
)
"""Fields of many platforms: a file with these alone is of no kind."""
MOST_SKETCHED = 20
"""Files of no kind that are opened for the streams that would read them."""
DIGITS = re.compile("[0-9]+")


@dataclass(frozen=True)
class LandingFiles:
    """The files of a folder: how many a kind reads, the names of the others, and the kind that most look like.

    Where they look like none, `streams` are those that would read the others, as code. `foreign` are sentences about
    files that no stream can read, such as dumps of databases.
    """

    kind: FeedKind
    read: int
    unread: tuple[str, ...]
    looks_like: FeedKind | None
    streams: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """The number of all files."""
        return self.read + len(self.unread)


def list_landing(path: str, kinds: Sequence[FeedKind], kind: FeedKind | None = None) -> LandingFiles:
    """Return the files in a folder, as a kind reads them: by default the one that they look like.

    Of files that look like none, the first kind reads none, whatever their paths.

    Raises LandingError for a folder that cannot be listed.
    """
    listed = list_all_files((Feed("shop", kinds[0], path, "UTC", "EUR"),))
    files = {file.name: file for file in listed}  # one that several streams read is listed for each of them
    looks_like = _find_kind(files.values(), kinds)
    known = kind or looks_like
    unread = tuple(name for name in sorted(files) if known is None or not known.streams_of(name))
    kind = known or kinds[0]
    opened = {name: files[name].path for name in _samples(unread)}
    streams = [] if looks_like else sketch_streams((path, name) for name, path in opened.items())
    return LandingFiles(kind, len(files) - len(unread), unread, looks_like, tuple(streams), _foreign(opened))


def _samples(names: Sequence[str]) -> list[str]:
    """Return the first and the last of the names that differ in their numbers alone, of as many as are opened."""
    alike = defaultdict[str, list[str]](list)
    for name in names:
        alike[DIGITS.sub("0", name)].append(name)
    chosen = [name for group in alike.values() for name in dict.fromkeys((group[0], group[-1]))]
    return chosen[:MOST_SKETCHED]


def _foreign(opened: Mapping[str, str]) -> tuple[str, ...]:
    """Return what files are that no stream can read, one sentence for those of which the same is true."""
    names = defaultdict[str, list[str]](list)
    for name, path in opened.items():
        if (what := describe_foreign(path)) is not None:
            names[what].append(name)
    return tuple(f"{', '.join(alike)}: {what}." for what, alike in names.items())


def _find_kind(files: Iterable[File], kinds: Sequence[FeedKind]) -> FeedKind | None:
    """Return the kind that most files look like, by their paths and the fields in their heads; None for none.

    The first and the last file of each folder, ending and set of streams that read it are opened. So a table that no
    kind reads does not stand for the others beside it.
    """
    alike = defaultdict[tuple[str, str, tuple[str, ...]], list["File"]](list)
    for file in files:
        place = PurePosixPath(file.name)
        patterns = tuple(stream.pattern for kind in kinds for stream in kind.streams_of(file.name))
        alike[str(place.parent), place.suffix, patterns].append(file)
    votes = Counter[str]()
    for group in alike.values():
        for file in {group[0].name: group[0], group[-1].name: group[-1]}.values():
            if (best := _choose(file, kinds)) is not None:
                votes[best.name] += len(group)
    return _most(kinds, votes)


def _choose(file: File, kinds: Sequence[FeedKind]) -> FeedKind | None:
    """Return the kind that has most of the fields of a file; None where no kind has enough."""

    @cache
    def read_names(format: Format) -> set[str]:
        return {name.casefold() for name in read_field_names(file.path, format)}

    shared = Counter[str]()
    for kind in kinds:
        for stream in kind.streams_of(file.name):
            names, fields = read_names(stream.format), {field.casefold() for field in stream.fields}
            common = names & fields
            count = len(common) if common - COMMON else 0
            if count >= max(min(MIN_FIELDS, len(fields)), LEAST_SHARE * min(len(names), len(fields))):
                shared[kind.name] = max(shared[kind.name], count)
    return _most(kinds, shared)


def _most(kinds: Iterable[FeedKind], counts: Mapping[str, int]) -> FeedKind | None:
    """Return the kind with the greatest count, at equal ones the first; None where all are 0."""
    return max((kind for kind in kinds if counts[kind.name]), key=lambda kind: counts[kind.name], default=None)
