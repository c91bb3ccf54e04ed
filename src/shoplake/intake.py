"""What a run takes in: new files, in batches, once; a known path with new content is refused, or supersedes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shoplake.engine import landing
from shoplake.engine.ledger import FILES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from shoplake.engine.landing import Batch, File
    from shoplake.engine.ledger import Ledger
    from shoplake.settings import Settings

HASHERS = 4

Name = tuple[str, str]
"""A file's feed, and its path in the feed's folder."""


class Intake:
    """The files that a run finds new, and what became of those it does not take.

    Of `among`, by feed and path in the feed's folder, where only those are to be taken now.
    """

    def __init__(
        self, ledger: Ledger, settings: Settings, run_id: str, at: datetime, among: Collection[Name] | None = None
    ) -> None:
        self._ledger, self._settings, self._run_id, self._at = ledger, settings, run_id, at
        self._among = None if among is None else frozenset(among)
        self.refused: list[str] = []
        self.unreadable: list[str] = []
        self._old: dict[tuple[str, str], dict[str, Any]] = {}

    def waiting(self) -> list[File]:
        """The files that are not of the size and time that the ledger knows, or not in it at all."""
        return self._waiting(self._ledger.rows(FILES))

    def _waiting(self, rows: list[dict[str, Any]]) -> list[File]:
        known: dict[Name, tuple[int, datetime | None]] = {}
        may_supersede = self._settings.revisions == "supersede"
        for row in sorted(rows, key=lambda row: (row["recorded_at"], row["batch_id"] or "")):
            if not (may_supersede and row["state"] == "refused") and row["state"] != "superseded":
                known[row["feed"], row["path"]] = (row["size"], row["modified_at"])
        there = landing.settled(landing.arrived(self._settings.feeds), self._settings.settle_seconds, datetime.now(UTC))
        files = landing.new(there, known)
        return files if self._among is None else [file for file in files if (file.feed, file.name) in self._among]

    def batches(self) -> Iterator[Batch]:
        """The new files, in bounded batches, each with the next number."""
        rows = self._ledger.rows(FILES)
        files = self._waiting(rows)
        with ThreadPoolExecutor(HASHERS) as pool:
            looked_at = [file for file in pool.map(landing.looked_at, files) if file is not None]
        fresh = self._without_revisions(self._readable(looked_at), rows)
        last = max((int(row["batch_id"][1:]) for row in rows if row["batch_id"]), default=0)
        limits = {"max_files": self._settings.max_files, "max_bytes": self._settings.max_bytes}
        yield from landing.batches(fresh, last + 1, self._at, **limits)

    def landed(self, batch: Batch) -> None:
        """Record that the batch's files are in bronze, and which earlier contents of theirs no longer count."""
        gone = [self._old[file.feed, file.name] for file in batch.files if (file.feed, file.name) in self._old]
        stamp = {"state": "superseded", "run_id": self._run_id, "recorded_at": self._at}
        self._record(batch.files, "landed", batch.id, also=[row | stamp for row in gone])

    def superseded(self, stream: str) -> dict[tuple[str, str], tuple[list[str], str]]:
        """The paths into a bronze table whose content was superseded: the batches of the old, and that of the new."""
        old: dict[tuple[str, str], list[str]] = {}
        new: dict[tuple[str, str], str] = {}
        for row in self._ledger.rows(FILES, ["feed", "stream", "path", "state", "batch_id"]):
            path = (row["feed"], row["path"])
            if row["stream"] == stream and row["state"] == "superseded":
                old.setdefault(path, []).append(row["batch_id"])
            elif row["stream"] == stream and row["state"] == "landed":
                new[path] = max(row["batch_id"], new.get(path, ""))
        return {path: (sorted(batches), new[path]) for path, batches in old.items()}

    def into(self, names: Iterable[str]) -> dict[str, set[str]]:
        """The batches that have gone into each of the bronze tables `names`."""
        found: dict[str, set[str]] = {name: set() for name in names}
        for row in self._ledger.rows(FILES, ["stream", "batch_id"]):
            if row["batch_id"] and row["stream"] in found:
                found[row["stream"]].add(row["batch_id"])
        return found

    def _readable(self, files: list[File]) -> list[File]:
        broken = [file for file in files if file.problem]
        self.unreadable = [f"{file.feed}: {file.name} ({file.problem})" for file in broken]
        self._record(broken, "unreadable", None)
        return [file for file in files if not file.problem]

    def _without_revisions(self, files: list[File], rows: list[dict[str, Any]]) -> list[File]:
        held = (row for row in rows if row["state"] == "landed" and row["sha256"] != landing.NOTHING)
        landed = sorted(held, key=lambda row: row["batch_id"])
        content = {(row["feed"], row["path"]): row for row in landed}
        again = [file for file in files if (file.feed, file.name) in content]
        changed = [file for file in again if content[file.feed, file.name]["sha256"] != file.sha256]
        self._record([file for file in again if file not in changed], "same", None)
        fresh = [file for file in files if file not in again]
        if self._settings.revisions == "supersede":
            self._old = {(file.feed, file.name): content[file.feed, file.name] for file in changed}
            return sorted([*fresh, *changed], key=lambda file: (file.feed, file.name))
        self.refused = [f"{file.feed}: {file.name}" for file in changed]
        self._record(changed, "refused", None)
        return fresh

    def _record(
        self, files: Iterable[File], state: str, batch: str | None, also: Iterable[dict[str, Any]] = ()
    ) -> None:
        stamp = {"batch_id": batch, "state": state, "run_id": self._run_id, "recorded_at": self._at}
        self._ledger.append(
            FILES,
            [
                {
                    "feed": file.feed,
                    "stream": file.stream.into,
                    "path": file.name,
                    "size": file.size,
                    "sha256": file.sha256,
                    "modified_at": file.modified_at,
                    **stamp,
                }
                for file in files
            ]
            + list(also),
        )
