"""Checks the files of a Delta table against its log and the recorded checksums."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs
from pyspark.errors import PySparkException

from shoplake.engine.library_errors import library_errors
from shoplake.engine.storage import filesystem
from shoplake.engine.storage.catalog.address import CatalogAddress
from shoplake.engine.storage.table_cache import load_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

COMMIT = re.compile(r"(\d{20})\.json$")
VERSION_CHECKSUM = re.compile(r"\d{20}\.crc$")
CHECKPOINT = re.compile(r"(\d{20})\.checkpoint.*\.parquet$")


@dataclass(frozen=True)
class Problem:
    """A problem of a table, and of one file where it is one."""

    table: str
    problem: str
    file: str | None = None

    def __str__(self) -> str:
        return f"{self.table}: {self.problem}" + (f" ({self.file})" if self.file else "")


def sha256(path: str) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    where, name = filesystem.filesystem_for(path)
    digest = hashlib.sha256()
    with where.open_input_stream(name) as stream:
        while block := stream.read(4 << 20):
            digest.update(block)
    return digest.hexdigest()


def table_problems(name: str, at: str, checksums: Mapping[str, str]) -> Iterator[Problem]:
    """Return what is wrong with the log and the data files of the table at `at`.

    `checksums` has the SHA-256 of files as they were written, by their path in the table. Of a table in a catalog only
    whether its rows can be read is known: log and files are the catalog's.
    """
    if isinstance(at, CatalogAddress):
        yield from _reading_problems(name, at)
        return
    log_problems = list(_log_problems(name, at))
    yield from log_problems
    try:
        actions = pa.table(load_table(at).get_add_actions(flatten=True))
    except library_errors(OSError, ValueError) as error:
        if not log_problems:
            yield Problem(name, f"its log cannot be read: {str(error).splitlines()[0]}")
        return
    names = ("path", "size_bytes", "num_records")
    for path, size, rows in zip(*(actions.column(column).to_pylist() for column in names), strict=True):
        yield from _file_problems(name, at, unquote(path), size, rows, checksums)


def _reading_problems(name: str, at: CatalogAddress) -> Iterator[Problem]:
    try:
        at.value(f"SELECT max(length(to_json(struct(*)))) FROM {at.sql}")  # reads every cell
    except PySparkException as error:
        yield Problem(name, f"it cannot be read: {str(error).splitlines()[0]}")


def _log_problems(name: str, at: str) -> Iterator[Problem]:
    where, root = filesystem.filesystem_for(f"{at}/_delta_log")
    try:
        infos = where.get_file_info(fs.FileSelector(root))
    except OSError:
        yield Problem(name, "it has no log", f"{at}/_delta_log")
        return
    commits = {int(match[1]): info for info in infos if (match := COMMIT.search(info.path))}
    checkpoints = [int(match[1]) for info in infos if (match := CHECKPOINT.search(info.path))]
    first = max(checkpoints, default=0)
    for version in range(first, max(commits, default=-1) + 1):
        file = f"{root}/{version:020d}.json"
        if version not in commits:
            if version != first or not checkpoints:
                yield Problem(name, "a commit is missing from its log", file)
            continue
        with where.open_input_stream(commits[version].path) as stream:
            if not _is_commit(bytes(stream.read())):
                yield Problem(name, "a commit in its log is cut off or damaged", file)
    if not commits and not checkpoints:
        yield Problem(name, "its log is empty", root)
    checksums = sorted(info.path for info in infos if VERSION_CHECKSUM.search(info.path))
    yield from _version_checksum_problems(name, where, checksums, [commits[each].path for each in sorted(commits)])


def _version_checksum_problems(
    name: str, where: fs.FileSystem, checksums: Sequence[str], commits: Sequence[str]
) -> Iterator[Problem]:
    """Yield the version checksums that do not repeat the schema of their log: readers take the schema from them."""
    known = {path: action["metaData"] for path in commits for action in _actions(where, path) if "metaData" in action}
    for path in checksums:
        of_version = f"{path.removesuffix('.crc')}.json"
        last = max((commit for commit in known if commit <= of_version), default=None)
        found = _actions(where, path)
        if last is not None and [action.get("metadata") for action in found] != [known[last]]:
            yield Problem(name, "a version checksum in its log is damaged", path)


def _actions(where: fs.FileSystem, path: str) -> list[dict[str, Any]]:
    """Return the actions of a commit, or the object of a version checksum; none where it is damaged."""
    with where.open_input_stream(path) as stream:
        text = bytes(stream.read())
    return [json.loads(line) for line in text.splitlines() if line.strip()] if _is_commit(text) else []


def _is_commit(text: bytes) -> bool:
    try:
        entries: list[Any] = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        return False
    return bool(entries) and all(isinstance(each, dict) for each in entries)


def _file_problems(
    name: str, at: str, path: str, size: int, rows: int | None, checksums: Mapping[str, str]
) -> Iterator[Problem]:
    file = f"{at}/{path}"
    where, local = filesystem.filesystem_for(file)
    info = where.get_file_info(local)
    if info.type is not fs.FileType.File:
        yield Problem(name, "a data file is missing", file)
    elif info.size != size:
        yield Problem(name, f"a data file has {info.size} bytes, its log says {size}", file)
    elif path in checksums and sha256(file) != checksums[path]:
        yield Problem(name, "a data file is not what was written: its SHA-256 differs", file)
    else:
        try:
            with where.open_input_file(local) as source:
                actual = pq.ParquetFile(source).metadata.num_rows
        except (OSError, pa.ArrowException) as error:
            yield Problem(name, f"a data file cannot be read: {str(error).splitlines()[0]}", file)
            return
        if rows is not None and rows != actual:
            yield Problem(name, f"a data file has {actual} rows, its log says {rows}", file)
