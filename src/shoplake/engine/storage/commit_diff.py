"""Changes of a Delta table between two versions, by its log: partitions and data files."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from shoplake.engine.storage import filesystem

if TYPE_CHECKING:
    from collections.abc import Iterator


NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
EXPIRED = "shoplake.expired"
"""Marks a commit that deletes rows whose retention is over: what was made from them stays."""


Partition = tuple[tuple[str, str | None], ...]
"""The names of a table's partition columns and a file's values of them, as text."""


@dataclass(frozen=True)
class CommitDiff:
    """The data files that were added and removed; commits that only rearranged rows (compaction) do not count.

    The rows of `added` files less those of `removed` files are the new rows less the deleted ones: a file may have been
    added and removed since.
    """

    added: tuple[tuple[str, Partition], ...]
    removed: tuple[tuple[str, Partition], ...]

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of all of them, each once. They contain every row that changed, and maybe some that did not."""
        return tuple(dict.fromkeys(file for file, _ in (*self.added, *self.removed)))

    @property
    def partitions(self) -> tuple[Partition, ...]:
        """Their partitions, each once, in order."""
        return tuple(sorted({each for _, each in (*self.added, *self.removed)}, key=repr))

    def moved(self, folder: str, to: str) -> CommitDiff:
        """Return the same with the files, all of which lie in a folder, under another path of it."""
        added, removed = (
            tuple((to + file.removeprefix(folder), of) for file, of in files) for files in (self.added, self.removed)
        )
        return CommitDiff(added, removed)

    def values(self, column: str) -> set[str | None]:
        """Return the values of a partition column that changed."""
        return {dict(each)[column] for each in self.partitions}


def diff_commits(at: str, since: int, until: int) -> CommitDiff | None:
    """Return what the commits after version `since`, up to `until`, changed; None where the log is truncated.

    Rows whose retention is over are no change.
    """
    files: dict[str, dict[str, Partition]] = {"add": {}, "remove": {}}
    if (actions := _after(at, since, until, with_expired=False)) is None:
        return None
    for kind, action in actions:
        if action.get("dataChange", True):
            files[kind][f"{at}/{unquote(action['path'])}"] = _partition(action)
    return CommitDiff(tuple(files["add"].items()), tuple(files["remove"].items()))


def added_files(at: str, since: int, until: int) -> list[str] | None:
    """Return the data files that the commits after a version added, by their path in the table.

    None where the log is cut.
    """
    if (actions := _after(at, since, until)) is None:
        return None
    return list(dict.fromkeys(unquote(action["path"]) for kind, action in actions if kind == "add"))


def has_expiry(at: str, since: int, until: int) -> bool:
    """Whether a commit after version `since`, up to `until`, deleted expired rows; not if the log no longer has it."""
    with contextlib.suppress(FileNotFoundError):
        return any(_expires(_entries(at, version)) for version in range(since + 1, until + 1))
    return False


def _after(at: str, since: int, until: int, *, with_expired: bool = True) -> list[tuple[str, dict[str, Any]]] | None:
    """Return the data files that the commits after version `since`, up to `until`, add and remove.

    None where one is gone.
    """
    try:
        versions = range(since + 1, until + 1)
        return [action for version in versions for action in _actions(at, version, with_expired=with_expired)]
    except FileNotFoundError:
        return None


def _actions(at: str, version: int, *, with_expired: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the data files that a commit adds and removes; none of one that deletes expired rows, where asked."""
    entries = _entries(at, version)
    if not with_expired and _expires(entries):
        return
    for entry in entries:
        for kind in ("add", "remove"):
            if kind in entry:
                yield kind, entry[kind]


def _entries(at: str, version: int) -> list[dict[str, Any]]:
    files, name = filesystem.filesystem_for(f"{at}/_delta_log/{version:020d}.json")
    with files.open_input_stream(name) as stream:
        return [json.loads(line) for line in bytes(stream.read()).splitlines()]


def _expires(entries: list[dict[str, Any]]) -> bool:
    """Whether a commit is marked: by delta-rs as a field of its own, by Spark as the user's metadata."""
    infos = [entry["commitInfo"] for entry in entries if "commitInfo" in entry]
    return any(EXPIRED in info or info.get("userMetadata") == EXPIRED for info in infos)


def _partition(action: dict[str, Any]) -> Partition:
    """Return an action's partition values; from its path where a remove leaves them out."""
    values = action.get("partitionValues")
    if values is None:
        folders = unquote(action["path"]).split("/")[:-1]
        pairs = (unquote(folder).split("=", 1) for folder in folders)
        values = {name: None if value == NO_VALUE else value for name, value in pairs}
    return tuple(values.items())
