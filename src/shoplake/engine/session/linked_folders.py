"""Other paths of folders whose own path Sail does not take as it is: links in a folder of this process."""

from __future__ import annotations

import atexit
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.engine.session.spill_folder import make_spill_folder
from shoplake.errors import SettingsError

if TYPE_CHECKING:
    from shoplake.engine.session.spill_folder import SpillFolder

PLAIN = re.compile(r"[!-}]*")
"""Paths that Sail takes as they are, but for the characters that are refused."""
REFUSED = re.compile(r"[\x00-\x1f\x7f%#?*\[\]{}<>\"^`|\\]")
"""Characters that some library takes for a pattern or for part of a URL."""


class LinkedFolders:
    """Links to folders, one each, until the process ends; the next process removes those of one that was killed."""

    def __init__(self, parent: Path | None = None) -> None:
        self._parent, self._lock = parent, threading.Lock()
        self._own: SpillFolder | None = None
        self._links: dict[str, str] = {}

    def path(self, folder: str) -> str:
        """Return a path of a folder of this machine that Sail takes as it is: its own, or that of a link to it.

        Sail writes the log of a table in `my shop` into a folder `my%20shop`. Raises SettingsError for a character that
        no link helps with, and where no link can be made.
        """
        whole = str(Path(folder).absolute())
        if found := REFUSED.search(whole):
            raise SettingsError(
                f"The lake lies in {whole}. The embedded engine cannot write into a folder with {found[0]!r} in its "
                'path. Choose a path of letters, digits, spaces and - _ . + such as lake = "/data/lake"'
            )
        if PLAIN.fullmatch(whole):
            return folder
        with self._lock:
            if whole not in self._links:
                link = self._folder(whole) / str(len(self._links))
                link.symlink_to(whole)
                self._links[whole] = str(link)
            return self._links[whole]

    def _folder(self, folder: str) -> Path:
        """Return the folder that has the links. Raises SettingsError where there can be none."""
        if self._own is None:
            own = make_spill_folder(self._parent)
            if own is None or REFUSED.search(str(own.path)) or not PLAIN.fullmatch(str(own.path)):
                raise SettingsError(
                    f"The lake lies in {folder}. The embedded engine reaches it by a link in the folder for temporary "
                    "files, which takes none. Let TMPDIR name a folder that can be written, of letters from A to Z and "
                    "digits, or move the lake to such a folder."
                )
            self._own = own
            atexit.register(own.remove)
        return self._own.path


LINKS = LinkedFolders()
"""Those of this process."""
