"""Lists what lies below a landing folder. Links are followed, but not one that leads back to a folder above it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from pyarrow import fs

from shoplake.engine.storage import filesystem, lake_format

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyarrow.fs import FileInfo, FileSystem

Folder = tuple[int, int]
"""A folder on this machine, whatever its path: its device and inode."""
MISNAMED = "its name is not UTF-8; rename it"
DANGLING = "it is a link to nothing; put back what it links to, or remove it"


class Listing(NamedTuple):
    r"""A landing folder as its file system names it, and the files below it.

    `unreadable` has what cannot be opened, and why: files and folders whose names are no UTF-8, where other bytes are
    `\xff`, and links to nothing.
    """

    root: str
    files: list[FileInfo]
    unreadable: list[tuple[FileInfo, str]]


def list_below(path: str) -> Listing:
    """List the files of a landing folder, and of those in it, but for a lake that lies there.

    A remote folder that is missing has none. Raises OSError or ValueError for a folder that cannot be listed.
    """
    where, root = filesystem.filesystem_for(path)
    unreadable: list[tuple[FileInfo, str]] = []
    if filesystem.is_remote(path):
        found = _without_lakes(where.get_file_info(fs.FileSelector(root, recursive=True, allow_not_found=True)), root)
    else:
        found = list(_walk(where, root, (_folder(root),), unreadable))
    return Listing(root, [info for info in found if info.type is fs.FileType.File], unreadable)


def _walk(
    where: FileSystem, folder: str, above: tuple[Folder, ...], unreadable: list[tuple[FileInfo, str]]
) -> Iterator[FileInfo]:
    """Yield what is in a folder and in those in it; `above` are the folder itself and those on the way to it.

    What is in a lake is yielded only where the folder asked for is one. A link to a folder on the way would lead there
    again without an end. Folders in it may go meanwhile. What Arrow cannot name, and links to nothing, are added to
    `unreadable`.
    """
    for info in where.get_file_info(fs.FileSelector(folder, allow_not_found=len(above) > 1)):
        if (name := _escaped_name(info)) is not None:
            file = fs.FileInfo(name, fs.FileType.File, mtime_ns=info.mtime_ns, size=info.size or 0)
            unreadable.append((file, MISNAMED))
        elif info.type is not fs.FileType.Directory:
            yield info
        elif (inner := _folder_if_there(info.path)) and inner not in above and not _is_lake(info.path):
            yield from _walk(where, info.path, (*above, inner), unreadable)
    unreadable += [(fs.FileInfo(path, fs.FileType.File, size=0), DANGLING) for path in _links_to_nothing(folder)]


def _without_lakes(found: Sequence[FileInfo], root: str) -> list[FileInfo]:
    """Return what is in no lake below a folder."""
    own = f"{root.rstrip('/')}/{lake_format.FILE}"
    formats = (info.path for info in found if info.path.endswith(f"/{lake_format.FILE}") and info.path != own)
    lakes = tuple(path.removesuffix(lake_format.FILE) for path in formats)
    return [info for info in found if not info.path.startswith(lakes)]


def _is_lake(folder: str) -> bool:
    return os.path.exists(f"{folder}/{lake_format.FILE}")  # noqa: PTH110 - a path of Arrow


def _links_to_nothing(folder: str) -> list[str]:
    r"""Return the paths of links in a folder, which Arrow does not list; other bytes than those of UTF-8 as `\xff`."""
    try:
        with os.scandir(folder) as entries:
            links = [entry.path for entry in entries if entry.is_symlink()]
    except FileNotFoundError:
        return []
    dangling = [link for link in links if not os.path.exists(link)]  # noqa: PTH110 - a path of Arrow
    return [os.fsencode(link).decode(errors="backslashreplace") for link in sorted(dangling)]


def _escaped_name(info: FileInfo) -> str | None:
    r"""Return the path of what Arrow cannot name, with other bytes than those of UTF-8 as `\xff`; else None."""
    try:
        _ = info.path
    except UnicodeDecodeError as error:
        return error.object.decode(errors="backslashreplace")
    return None


def _folder_if_there(path: str) -> Folder | None:
    try:
        return _folder(path)
    except FileNotFoundError:
        return None


def _folder(path: str) -> Folder:
    state = os.stat(path)  # noqa: PTH116 - a path of Arrow
    return state.st_dev, state.st_ino
