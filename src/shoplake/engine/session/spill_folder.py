"""The folder into which queries of this process spill what is too large for memory.

A process that is killed leaves its folder behind, which can be as large as its tables. The next one removes it.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "shoplake-spill-"
LOCK = "lock"
"""The file in the folder that its process keeps locked; the system unlocks it when the process ends, however."""

log = logging.getLogger("shoplake.engine.spill")


@dataclass(frozen=True)
class SpillFolder:
    """A folder that no other process removes before this one ends."""

    path: Path
    _lock: FileLock

    def remove(self) -> None:
        """Remove the folder with all that was spilled."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()


def make_spill_folder(parent: Path | None = None) -> SpillFolder | None:
    """Remove the folders of ended processes, and make one for this process; None where the disk takes none.

    They lie in `parent`, or in the system's folder for temporary files (`TMPDIR`).
    """
    try:
        parent = parent or Path(tempfile.gettempdir())
        remove_abandoned(parent)
        made = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=parent))
        lock = _lock(made)
        lock.acquire()
        return SpillFolder(made.rename(made.with_name(made.name[1:])), lock)  # it has its name once it is locked
    except OSError as error:
        log.warning("no folder for spilled files: %s", error)
        return None


def remove_abandoned(parent: Path) -> list[Path]:
    """Remove the folders whose process has ended, and return them; those of other users stay."""
    return [*_remove_abandoned(parent)]


def _remove_abandoned(parent: Path) -> Iterator[Path]:
    for folder in sorted(path for path in parent.glob(f"{PREFIX}*") if not path.is_symlink()):
        lock = _lock(folder)
        try:
            lock.acquire()
        except (Timeout, OSError):  # its process is at work, or it is another user's
            continue
        try:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            lock.release()
        log.info("removed what a killed process had spilled into %s", folder)
        yield folder


def _lock(folder: Path) -> FileLock:
    """Return a lock that any thread may release."""
    return FileLock(folder / LOCK, blocking=False, thread_local=False)
