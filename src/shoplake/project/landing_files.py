"""The files of a folder, and the kind of shop data that they look like."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from shoplake.declare import Feed
from shoplake.engine import list_all_files, read_field_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shoplake.declare import FeedKind
    from shoplake.engine import File

MIN_FIELDS = 3
"""Fields of a kind that a file has at least if it is one of its files; of a stream of fewer fields, all."""


@dataclass(frozen=True)
class LandingFiles:
    """The files of a folder: how many a kind reads, the names of the others, and the kind that most look like."""

    kind: FeedKind
    read: int
    unread: tuple[str, ...]
    looks_like: FeedKind | None

    @property
    def count(self) -> int:
        """The number of all files."""
        return self.read + len(self.unread)


def list_landing(path: str, kinds: Sequence[FeedKind], kind: FeedKind | None = None) -> LandingFiles:
    """Return the files in a folder, as a kind reads them: by default the one that they look like, else the first.

    Raises LandingError for a folder that cannot be listed.
    """
    looks_like = find_kind(path, kinds)
    kind = kind or looks_like or kinds[0]
    files = _list(path, kind)
    read = {file.name for file in files if file.is_matched}
    return LandingFiles(kind, len(read), tuple(sorted({file.name for file in files} - read)), looks_like)


def find_kind(path: str, kinds: Sequence[FeedKind]) -> FeedKind | None:
    """Return the kind that most files in a folder look like, by their paths and the fields in their heads.

    The first and the last file of each folder and ending are opened. None where no file looks like one of the kinds.
    Raises LandingError for a folder that cannot be listed.
    """
    alike = defaultdict[tuple[str, str], list["File"]](list)
    for file in {file.name: file for file in _list(path, kinds[0])}.values():
        alike[str(PurePosixPath(file.name).parent), PurePosixPath(file.name).suffix].append(file)
    votes = Counter[str]()
    for files in alike.values():
        for file in {files[0].name: files[0], files[-1].name: files[-1]}.values():
            if (best := _choose(file, kinds)) is not None:
                votes[best.name] += len(files)
    return max((kind for kind in kinds if votes[kind.name]), key=lambda kind: votes[kind.name], default=None)


def _list(path: str, kind: FeedKind) -> list[File]:
    return list_all_files((Feed("shop", kind, path, "UTC", "EUR"),))


def _choose(file: File, kinds: Iterable[FeedKind]) -> FeedKind | None:
    """Return the kind that has most of the fields of a file; None where no kind has enough."""
    shared = {kind.name: _count_shared(file, kind) for kind in kinds}
    return max((kind for kind in kinds if shared[kind.name]), key=lambda kind: shared[kind.name], default=None)


def _count_shared(file: File, kind: FeedKind) -> int:
    """Return how many fields a file shares with the stream of a kind that reads it; 0 for too few."""
    counts = [0]
    for stream in kind.streams_of(file.name):
        names = {name.casefold() for name in read_field_names(file.path, stream.format)}
        shared = len(names & {field.casefold() for field in stream.fields})
        counts.append(shared if shared >= min(MIN_FIELDS, len(stream.fields)) else 0)
    return max(counts)
