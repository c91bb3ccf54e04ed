"""The format number of a lake, in a file at its root, so that no version reads what another one wrote differently."""

from __future__ import annotations

import json

from pyarrow import fs

from shoplake.engine.storage import filesystem
from shoplake.engine.storage.durability.sync import write_whole
from shoplake.errors import IncompatibleLakeError

FORMAT = 2
"""Raised with every change of the ops tables, or of files, that a reader of before would misread."""
FILE = "_format.json"
LEGACY_TABLES = ("ops/runs", "ops/progress")
"""Tables of lakes that were written before there was a format number."""


def check_format(lake: str) -> bool:
    """Whether the lake has this version's format number; False for a folder without one, such as a new lake.

    Raises IncompatibleLakeError for another number, or where tables of an earlier version lie in the lake.
    """
    number = _read_number(lake)
    if number is None:
        if any(_is_folder(f"{lake}/{table}/_delta_log") for table in LEGACY_TABLES):
            raise IncompatibleLakeError(lake, "it has no format number")
        return False
    if number != FORMAT:
        raise IncompatibleLakeError(lake, f"its format is {number}, this version's is {FORMAT}")
    return True


def write_format(lake: str) -> None:
    """Write the format number into a lake that has none, in one step."""
    if not check_format(lake):
        write_whole(f"{lake}/{FILE}", json.dumps({"format": FORMAT}).encode())


def _read_number(lake: str) -> object:
    files, path = filesystem.filesystem_for(f"{lake}/{FILE}")
    try:
        with files.open_input_stream(path) as stream:
            content = bytes(stream.read())
        return json.loads(content)["format"] if content else None
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise IncompatibleLakeError(lake, f"{FILE} is damaged") from error


def _is_folder(url: str) -> bool:
    files, path = filesystem.filesystem_for(url)
    return bool(files.get_file_info(path).type is fs.FileType.Directory)
