"""Whether the files of a public data set are the published ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import counted, grid, number
from shoplake.engine import sha256
from shoplake.errors import SettingsError, hint
from shoplake.feeds import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from shoplake.declare import FeedKind, PublishedFile

BLOCK = 8 << 20
GOOD = ("published", "as many records")


@dataclass(frozen=True)
class Found:
    """What a file was found to be, and what to do if it is not the published one."""

    file: str
    state: str
    bytes: int | None = None
    records: int | None = None
    advice: str = ""

    @property
    def is_good(self) -> bool:
        """Whether nothing speaks against it."""
        return self.state in GOOD


def known() -> list[str]:
    """The kinds whose files are published."""
    return sorted(name for name, kind in KINDS.items() if kind.published)


def kind_of(name: str) -> FeedKind:
    """The kind of that name. Raises SettingsError for one whose files nobody publishes."""
    if name not in known():
        raise SettingsError(f"No files of '{name}' are published. {hint(name, known())}")
    return KINDS[name]


def checked(kind: FeedKind, folder: Path) -> list[Found]:
    """Each published file as it lies in the folder. Records are counted where the content is not the published one."""
    if not folder.is_dir():
        raise SettingsError(f"There is no folder {folder}. Name the one that the files of {kind.home} lie in.")
    return [_looked_at(published, folder / published.name, kind) for published in kind.published]


def _looked_at(published: PublishedFile, path: Path, kind: FeedKind) -> Found:
    if not path.is_file():
        zipped = next(iter(sorted(path.parent.glob("*.zip"))), None)
        way = f"Unpack {zipped.name} there." if zipped else f"Download it from {kind.home} and put it there."
        return Found(published.name, "missing", advice=way)
    size = path.stat().st_size
    if published.sha256 and size == published.bytes and sha256(str(path)).startswith(published.sha256):
        return Found(published.name, "published", size)
    records, has_carriage_returns = _counted(path)
    told = (published.name, size, records)
    if records < published.records:
        lacks = number(published.records - records)
        return _found(told, "fewer records", f"{lacks} are missing: the file is cut off. Download it again.")
    if records > published.records:
        return _found(told, "more records", "Something was added. Download it again, or keep it as data of your own.")
    if published.sha256 is None:
        return _found(told, "as many records", "")
    if has_carriage_returns:
        return _found(told, "other line ends", "It was saved with CRLF; its records are read all the same.")
    return _found(told, "other content", f"It was changed. Download it again from {kind.home}.")


def _found(told: tuple[str, int, int], state: str, advice: str) -> Found:
    name, size, records = told
    return Found(name, state, size, records, advice)


def _counted(path: Path) -> tuple[int, bool]:
    """The lines below the header, and whether they end with CRLF."""
    lines, last, has_carriage_returns = 0, b"\n", False
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            lines += block.count(b"\n")
            has_carriage_returns = has_carriage_returns or b"\r\n" in block
            last = block[-1:]
    return max(0, lines + (last != b"\n") - 1), has_carriage_returns


def show(out: Console, found: list[Found]) -> None:
    """Print file by file what was found and what to do."""
    shown = grid("file", "found", "bytes", "records", numbers=["bytes", "records"])
    for each in found:
        sizes = ["" if size is None else number(size) for size in (each.bytes, each.records)]
        shown.add_row(each.file, each.state, *sizes, style=None if each.is_good else "red")
    out.print(shown)
    for each in found:
        if each.advice:
            out.print(f"{each.file}: {each.advice}", soft_wrap=True, markup=False)
    others = sum(not each.is_good for each in found)
    if others:
        out.print(f"{counted(others, 'file')} not as published. They can be taken in, but totals will differ.")
    else:
        out.print("All files are as published.")


def as_data(found: list[Found]) -> list[dict[str, Any]]:
    """The same for a program to read."""
    return [asdict(each) | {"is_good": each.is_good} for each in found]
