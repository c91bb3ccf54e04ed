"""Checks where a lake can be cloned to."""

from __future__ import annotations

from pathlib import Path

from shoplake.engine import is_remote
from shoplake.errors import ShoplakeError, UnsupportedFeatureError


class CloneError(ShoplakeError):
    """A lake cannot be cloned into this folder."""


def check_clone(lake: str, catalog: str | None, folder: Path) -> Path:
    """Return the absolute folder of the clone. Raises CloneError and UnsupportedFeatureError."""
    if is_remote(lake) or catalog is not None or is_remote(str(folder)):
        raise UnsupportedFeatureError(
            f"A clone is of folders of this machine, not of {catalog or (lake if is_remote(lake) else folder)}. "
            "Copy the files with the tools of the store."
        )
    target = folder.resolve()
    if target.exists():
        raise CloneError(f"{folder} exists already. Name a folder that does not: the clone is made there.")
    if target.is_relative_to(Path(lake).resolve()):
        raise CloneError(f"{folder} lies in the lake {lake}. Name a folder outside.")
    return target
