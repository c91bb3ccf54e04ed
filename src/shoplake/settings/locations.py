"""Where a lake and the files of feeds lie: folders of this machine, or places in an object store."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from shoplake.settings.settings_section import InvalidValueError

STORE = "s3://"


def resolve(base: Path, path: str) -> str:
    """Return an object-store URL as it is; a path made absolute from the folder of the settings file.

    Raises InvalidValueError for an address in another store, and a path that cannot exist.
    """
    if "://" not in path:
        return resolve_folder(base, path)
    if not re.fullmatch(rf"{STORE}[^/]+(/.*)?", path):
        raise InvalidValueError(f"{path!r} is in no supported store. Write a path, or {STORE}bucket.")
    return path.rstrip("/")


def resolve_folder(base: Path, path: str) -> str:
    """Return a path made absolute from the folder of the settings file. Raises InvalidValueError if it cannot exist."""
    try:
        return str((base / Path(path).expanduser()).resolve())
    except (RuntimeError, ValueError) as error:  # a home that is not known, a NUL, links in a circle
        raise InvalidValueError(f"{path!r} is no path: {str(error).rstrip('.')}. Write another.") from error


def absolute(place: str) -> str:
    """Return a folder of this machine by its absolute path; an address as it is."""
    return place if not place or "://" in place else os.path.abspath(place)  # noqa: PTH100 - links stay


def is_http_address(text: str) -> bool:
    """Whether a text is an address that begins with http:// or https://, and names a host."""
    return _names_host(text, "http", "https")


def is_connect_address(text: str) -> bool:
    """Whether a text is an address of Spark Connect, that begins with sc:// and names a host."""
    return _names_host(text, "sc")


def _names_host(text: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(text)
        names_host = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return names_host and not re.search(r"[\s\x00-\x1f]", text)
