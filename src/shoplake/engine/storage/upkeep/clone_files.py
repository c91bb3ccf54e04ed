"""Copies of a lake's files: data files as hard links where the file system has them, all else copied."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.storage.durability.sync import rename_durably, sync_lake

if TYPE_CHECKING:
    from collections.abc import Callable

PARTIAL = ".partial"
NOT_CLONED = ("_staging", "_trash", "_damaged", "_checkpoints", "_copies")
"""Folders of work in progress, of what was moved aside, and of copies that a run makes anew."""
LOCKS = (".lock",)
LEDGER = "ops"


@dataclass(frozen=True)
class ClonedFiles:
    """The numbers of files that are links and of those that are copies, and the bytes that were copied."""

    linked: int = 0
    copied: int = 0
    copied_size: int = 0

    def __add__(self, other: ClonedFiles) -> ClonedFiles:
        """Return the sum."""
        return ClonedFiles(self.linked + other.linked, self.copied + other.copied, self.copied_size + other.copied_size)


def clone_lake(lake: Path, target: Path, started: Callable[[str], None] = lambda _: None) -> ClonedFiles:
    """Clone a lake of this machine into a folder that does not exist; it appears whole or not at all.

    Data files of tables are never changed in place, so both lakes can be written to. The state store and all logs are
    copied. `started` is notified of each table. Raises FileExistsError where the folder exists.
    """
    if target.exists():
        raise FileExistsError(17, "File exists", str(target))
    partial = target.with_name(target.name + PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    total = ClonedFiles()
    for folder in sorted(path for path in lake.iterdir() if path.name not in NOT_CLONED):
        if folder.is_file():
            total += _clone_file(folder, partial / folder.name, may_link=False)
            continue
        for each in sorted(folder.iterdir()):
            started(f"{folder.name}.{each.name}")
            total += _clone_folder(each, partial / folder.name / each.name, may_link=folder.name != LEDGER)
    sync_lake(str(partial))
    _publish(partial, target)
    return total


@crash_points("publish_clone")
def _publish(partial: Path, target: Path) -> None:
    rename_durably(partial, target)


@crash_points("clone_table")
def _clone_folder(source: Path, target: Path, *, may_link: bool) -> ClonedFiles:
    """Clone what lies below a folder, or a single file."""
    if source.is_file():
        return _clone_file(source, target, may_link=False)
    total = ClonedFiles()
    for parent, folders, names in os.walk(source):
        folders[:] = [name for name in folders if name not in NOT_CLONED]
        into = target / Path(parent).relative_to(source)
        into.mkdir(parents=True, exist_ok=True)
        is_log = "_delta_log" in Path(parent).relative_to(source).parts
        for name in names:
            is_data = name.endswith(".parquet") and not is_log
            total += _clone_file(Path(parent, name), into / name, may_link=may_link and is_data)
    return total


def _clone_file(source: Path, target: Path, *, may_link: bool) -> ClonedFiles:
    """Link a file, or copy it with its time; locks are left out."""
    if source.name.endswith(LOCKS):
        return ClonedFiles()
    target.parent.mkdir(parents=True, exist_ok=True)
    if may_link:
        try:
            os.link(source, target)
            return ClonedFiles(linked=1)
        except OSError:  # another file system, or one without hard links
            pass
    shutil.copy2(source, target)
    return ClonedFiles(copied=1, copied_size=source.stat().st_size)
