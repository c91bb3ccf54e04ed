"""Compares downloaded files with those that the publisher of a public data set offers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shoplake.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.declare import FeedKind, PublishedFile

BLOCK_BYTES = 8 << 20
MATCHING = ("published", "as many records")


@dataclass(frozen=True)
class FileCheck:
    """The state of one file, and what to do if it is not the published one."""

    file: str
    state: str
    bytes: int | None = None
    records: int | None = None
    advice: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the file is, as far as is known, the published one."""
        return self.state in MATCHING


def check_published_files(kind: FeedKind, folder: Path) -> list[FileCheck]:
    """Compare each published file of a kind with that in `folder`; records are counted where the content differs.

    Raises SettingsError if there is no such folder.
    """
    if not folder.is_dir():
        raise SettingsError(f"There is no folder {folder}. Name the one with the files of {kind.home}.")
    return [_check_file(published, folder / published.name, kind) for published in kind.published]


def _check_file(published: PublishedFile, path: Path, kind: FeedKind) -> FileCheck:
    if not path.is_file():
        archive = next(iter(sorted(path.parent.glob("*.zip"))), None)
        advice = f"Unpack {archive.name} there." if archive else f"Download it from {kind.home} into {path.parent}."
        return FileCheck(published.name, "missing", advice=advice)
    size = path.stat().st_size
    if published.sha256 and size == published.bytes and _sha256(path).startswith(published.sha256):
        return FileCheck(published.name, "published", size)
    records, has_carriage_returns = _count_records(path)
    state, advice = _compare(published, records, has_carriage_returns, kind)
    return FileCheck(published.name, state, size, records, advice)


def _compare(published: PublishedFile, records: int, has_carriage_returns: bool, kind: FeedKind) -> tuple[str, str]:
    """Return the state of a file that has other content than the published one, and what to do."""
    if records < published.records:
        missing = f"{published.records - records:,} are missing"
        return "fewer records", f"{missing}: the file is cut off. Download it again."
    if records > published.records:
        return "more records", "The file has additional records. Download it again, or ingest it as your own data."
    if published.sha256 is None:
        return "as many records", ""
    if has_carriage_returns:
        return "other line ends", "The file has CRLF line ends; its records are read all the same."
    return "other content", f"The content was changed. Download it again from {kind.home}."


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _count_records(path: Path) -> tuple[int, bool]:
    """Count the lines below the header, and say whether the line ends are CRLF."""
    lines, last, has_carriage_returns = 0, b"\n", False
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            lines += block.count(b"\n")
            has_carriage_returns = has_carriage_returns or b"\r\n" in block
            last = block[-1:]
    return max(0, lines + (last != b"\n") - 1), has_carriage_returns
