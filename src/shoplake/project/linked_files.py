"""Files in any folder, under the names that the streams of a kind match."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.engine import WORKBOOK_HEAD, describe_foreign, is_workbook
from shoplake.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.declare import FeedKind

WORKBOOKS = (".xlsx", ".xlsm")
OTHER_WORKBOOKS = (".xls", ".xlsb", ".ods", ".numbers")
PACKED = (".zip", ".gz", ".zst")


def link_files(files: Iterable[Path], kind: FeedKind, landing: Path) -> tuple[list[str], list[str]]:
    """Link files into a feed's folder under the names that its streams match.

    Returns these names, and the paths of the files that no stream matches. Raises SettingsError as `validate_files`.
    """
    names: list[str] = []
    unmatched: list[Path] = []
    landing.mkdir(parents=True)
    for file in files:
        if not file.is_file():
            raise SettingsError(f"There is no file '{file}'. Name files to validate, as in orders/2026-03-01.json.")
        name = _name_in_feed(file, kind)
        if name is None:
            unmatched.append(file)
            continue
        if name in names:
            raise SettingsError(f"Two files have the name '{name}'. Validate one after the other.")
        names.append(name)
        target = landing / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(file.resolve())
    if unmatched and not names:
        patterns = ", ".join(dict.fromkeys(stream.pattern for stream in kind.streams))
        raise SettingsError(
            f"'{unmatched[0]}' belongs to no stream of the kind '{kind.name}'. Its files are {patterns}: "
            f"{_advice(unmatched[0], kind)}"
        )
    return names, [str(file) for file in unmatched]


def _name_in_feed(file: Path, kind: FeedKind) -> str | None:
    """Return the end of a file's path that a stream of `kind` matches; None where none does."""
    parts = file.resolve().parts
    for stream in kind.streams:
        name = "/".join(parts[-1 - stream.pattern.count("/") :])
        if stream.matches(name):
            return name
    return None


def _is_workbook(file: Path) -> bool:
    with file.open("rb") as content:
        return is_workbook(content.read(WORKBOOK_HEAD))


def _advice(file: Path, kind: FeedKind) -> str:
    """Return what to do with a file that no stream of `kind` matches."""
    if (foreign := describe_foreign(str(file.resolve()))) is not None:
        return f"it is {foreign}."
    ending = file.suffix.casefold()
    has_sheets = any(stream.format == "xlsx" for stream in kind.streams)
    if ending in WORKBOOKS + OTHER_WORKBOOKS and not _is_workbook(file):
        return f"it is text under the name of a workbook: declare Stream('*{ending}', 'csv', …) in a kind of your own."
    if ending in WORKBOOKS and not has_sheets:
        return f"save the workbook as CSV, or declare Stream('*{ending}', 'xlsx', …) in a kind of your own."
    if ending in OTHER_WORKBOOKS:
        return f"save the workbook as {'.xlsx' if has_sheets else '.csv'}."
    if ending in PACKED and not Path(file.stem).suffix:
        return f"name it by what is in it, such as {file.stem}.csv{ending} or {file.stem}.json{ending}."
    return "rename it or move it into such a folder, or name another kind with --kind."
