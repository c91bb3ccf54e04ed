"""Lists what lies below a landing folder. Links are followed, but not one that leads back to a folder above it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pyarrow import fs

from shoplake.engine.storage import filesystem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyarrow.fs import FileInfo, FileSystem

Folder = tuple[int, int]
"""A folder on this machine, whatever its path: its device and inode."""


def list_below(path: str) -> tuple[str, list[FileInfo]]:
    """Return a landing folder as its file system names it, and the files below it.

    A remote folder that is missing has none. Raises OSError or ValueError for a folder that cannot be listed.
    """
    where, root = filesystem.filesystem_for(path)
    if filesystem.is_remote(path):
        found = where.get_file_info(fs.FileSelector(root, recursive=True, allow_not_found=True))
    else:
        found = list(_walk(where, root, (_folder(root),)))
    return root, [info for info in found if info.type is fs.FileType.File]


def _walk(where: FileSystem, folder: str, above: tuple[Folder, ...]) -> Iterator[FileInfo]:
    """Yield what is in a folder and in those in it; `above` are the folder itself and those on the way to it.

    A link to a folder on the way would lead there again without an end. Folders in it may go meanwhile.
    """
    for info in where.get_file_info(fs.FileSelector(folder, allow_not_found=len(above) > 1)):
        if info.type is not fs.FileType.Directory:
            yield info
        elif (inner := _folder_if_there(info.path)) and inner not in above:
            yield from _walk(where, info.path, (*above, inner))


def _folder_if_there(path: str) -> Folder | None:
    try:
        return _folder(path)
    except FileNotFoundError:
        return None


def _folder(path: str) -> Folder:
    state = os.stat(path)  # noqa: PTH116 - a path of Arrow
    return state.st_dev, state.st_ino
