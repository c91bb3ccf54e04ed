"""Where a lake and the files of feeds lie: folders of this machine, or places in an object store."""

from __future__ import annotations

import os
import re
from pathlib import Path

from shoplake.settings.settings_section import InvalidValueError

STORE = "s3://"


def resolve(base: Path, path: str) -> str:
    """Return an object-store URL as it is; a path made absolute from the folder of the settings file."""
    if "://" not in path:
        return str((base / Path(path).expanduser()).resolve())
    if not re.fullmatch(rf"{STORE}[^/]+(/.*)?", path):
        raise InvalidValueError(f"{path!r} is in no supported store. Write a path, or {STORE}bucket.")
    return path.rstrip("/")


def absolute(place: str) -> str:
    """Return a folder of this machine by its absolute path; an address as it is."""
    return place if not place or "://" in place else os.path.abspath(place)  # noqa: PTH100 - links stay
