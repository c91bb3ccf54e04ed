"""Finds new files: listed, compared with the state store, in bounded batches. Nothing depends on file times."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from shoplake.columns.record_place import file_order_of
from shoplake.declare import Stream
from shoplake.declare.kinds.stream import ARCHIVE, COMPRESSIONS
from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.ingest.formats.excel.excel_reader import check_workbook
from shoplake.engine.ingest.formats.file_contents import open_texts
from shoplake.engine.ingest.formats.parquet_reader import check_parquet
from shoplake.engine.ingest.landing_folder import list_below
from shoplake.engine.storage import filesystem
from shoplake.errors import LandingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from shoplake.declare import Feed, Feeds

UNMATCHED = Stream("", "json", into="")
"""The stream of a file whose path matches no pattern of its feed's kind."""
GROUND_TRUTH = ("ground_truth.json", "ground_truth")
"""The file and the folder with the expected numbers that the simulator writes beside the streams."""
PROJECT = (".py", "shoplake.toml")
"""Ends of the names of a project's files, which lie there where the landing folder is that of the project."""
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".inprogress", ".filepart", "_COPYING_")
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
"""The SHA-256 of no content, also of none that is compressed."""
SMALLEST_PACKED = 64
"""Bytes; a larger compressed file holds something."""


FileKey = tuple[str, str, str]
"""Feed, bronze table, and path in the feed's folder: what identifies a file's records."""


@dataclass(frozen=True)
class File:
    """A file of a feed's stream: `path` is where it lies, `name` its path in the feed's folder.

    A file that several streams match is a `File` of each of them.
    """

    feed: str
    stream: Stream
    path: str
    name: str
    size: int
    modified_at: datetime | None
    sha256: str = ""
    problem: str | None = None

    @property
    def key(self) -> FileKey:
        """Its feed, bronze table and name."""
        return (self.feed, self.stream.into, self.name)

    @property
    def is_matched(self) -> bool:
        """Whether a stream of the feed's kind reads it."""
        return self.stream is not UNMATCHED


@dataclass(frozen=True)
class Batch:
    """Files that are ingested together."""

    id: str
    files: tuple[File, ...]
    ingested_at: datetime

    @property
    def bytes(self) -> int:
        """The size of its files."""
        return sum(file.size for file in self.files)

    def into(self, table: str) -> list[File]:
        """Those whose records belong in the bronze table."""
        return [file for file in self.files if file.stream.into == table]


def list_files(feeds: Feeds) -> list[File]:
    """Return the files of the feeds' streams that lie in their folders now, but for those still being written."""
    return [file for file in list_all_files(feeds) if file.is_matched]


def list_all_files(feeds: Feeds) -> list[File]:
    """Return those of `list_files` and the unmatched ones but for the ground truth, in order."""
    files = [file for feed in feeds for file in _files(feed)]
    return in_order(files)


def in_order(files: Iterable[File]) -> list[File]:
    """Return files by feed and name, as versions of documents are: `a.csv`, `a (9).csv`, `a (10).csv`."""
    return sorted(files, key=lambda file: (file.feed, file_order_of(file.name), file.stream.into))


@crash_points("inspect_file")
def inspect_file(file: File) -> File | None:
    """Return the file with the SHA-256 of its content, and a `problem` where it is cut off or damaged.

    One that the system does not open or read to its end has a `problem` and no SHA-256, as has one that the listing
    says cannot be opened. None if its size changed meanwhile, or it went: somebody is still at it.
    """
    if file.problem:
        return file
    where, name = filesystem.filesystem_for(file.path)
    digest, size = hashlib.sha256(), 0
    try:
        with where.open_input_stream(name, compression=None) as stream:
            while block := stream.read(4 << 20):
                digest.update(block)
                size += len(block)
        damage = _damage(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        return replace(file, problem=str(error).splitlines()[0])
    content = EMPTY_SHA256 if _is_blank(file) else digest.hexdigest()
    return replace(file, sha256=content, problem=damage) if size == file.size else None


def has_grown(file: File, size: int, sha256: str) -> bool:
    """Whether a file begins with a content of that size and SHA-256: it was read before it was whole."""
    if size >= file.size:
        return False
    where, name = filesystem.filesystem_for(file.path)
    digest, left = hashlib.sha256(), size
    try:
        with where.open_input_stream(name, compression=None) as stream:
            while left and (block := stream.read(min(left, 4 << 20))):
                digest.update(block)
                left -= len(block)
    except OSError:
        return False
    return digest.hexdigest() == sha256


def _is_blank(file: File) -> bool:
    """Whether a small compressed file holds nothing."""
    where, name = filesystem.filesystem_for(file.path)
    if not name.endswith(COMPRESSIONS) or file.size > SMALLEST_PACKED:
        return False
    try:
        with where.open_input_stream(name, compression="detect") as stream:
            return not stream.read(1)
    except OSError:
        return False


def _damage(file: File) -> str | None:
    """Why a packed, Parquet or Excel file cannot be read to its end; text is judged line by line instead.

    Raises OSError where the system does not read it.
    """
    try:
        if file.stream.format == "parquet":
            check_parquet(file.path)
        elif file.stream.format == "xlsx":
            check_workbook(file.path, file.stream.sheet)
        elif file.name.endswith((*COMPRESSIONS, ARCHIVE)):
            for stream in open_texts(file.path):
                while stream.read(4 << 20):
                    pass
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        return str(error).splitlines()[0]
    return None


def batches(
    files: Iterable[File], first: int, ingested_at: datetime, *, max_files: int, max_bytes: int
) -> Iterator[Batch]:
    """Return the files in bounded batches, numbered from `first`.

    A file larger than `max_bytes` is a batch of its own.
    """
    ingested: list[File] = []
    for file in files:
        if ingested and (len(ingested) >= max_files or sum(each.size for each in ingested) + file.size > max_bytes):
            yield Batch(batch_id(first), tuple(ingested), ingested_at)
            ingested, first = [], first + 1
        ingested.append(file)
    if ingested:
        yield Batch(batch_id(first), tuple(ingested), ingested_at)


def older_than(files: Iterable[File], seconds: int, now: datetime) -> list[File]:
    """Return the files that were last modified at least so many seconds ago.

    A time in the future does not hold one back.
    """
    return [
        file
        for file in files
        if file.modified_at is None or not 0 <= (now - file.modified_at).total_seconds() < seconds
    ]


def batch_id(number: int) -> str:
    """Return the id of the batch of that number; ids sort as their numbers do."""
    return f"b{number:09d}"


def changed_files(files: Iterable[File], known: Mapping[FileKey, tuple[int, datetime | None]]) -> list[File]:
    """Those that are not of the size and time last known of their key; to be compared by content."""
    return [file for file in files if (file.size, file.modified_at) != known.get(file.key)]


def _files(feed: Feed) -> Iterator[File]:
    try:
        listing = list_below(feed.path)
    except (OSError, ValueError) as error:
        advice = f"Set feeds.{feed.name}.path in shoplake.toml to the folder that the shop's files lie in."
        if isinstance(error, PermissionError):
            advice = "Allow this user to read it and the folders in it, or move out what is not of the feed."
        raise LandingError(
            f"The folder of feed '{feed.name}' cannot be listed: {feed.path} ({error}). {advice}"
        ) from error
    base = feed.path.rstrip("/")
    found = [*((info, None) for info in listing.files), *listing.unreadable]
    for info, problem in found:
        name = info.path[len(listing.root.rstrip("/")) + 1 :]
        if name.split("/")[0] not in GROUND_TRUTH and not _is_left_out(name):
            for stream in feed.kind.streams_of(name) or (UNMATCHED,):
                yield File(feed.name, stream, f"{base}/{name}", name, info.size, info.mtime, problem=problem)


def _is_left_out(name: str) -> bool:
    parts = name.split("/")
    return any(part.startswith((".", "_")) for part in parts) or name.endswith((*UNFINISHED, *PROJECT))
