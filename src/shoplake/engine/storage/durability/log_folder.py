"""What lies in the log folder of a Delta table: commits, checkpoints, the checkpoint hint and version checksums."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

HINT = "_last_checkpoint"
PARQUET = b"PAR1"
COMMIT = re.compile(r"(\d{20})\.json")
CHECKPOINT = re.compile(r"(\d{20})\.checkpoint\..*\.?parquet")
CHECKSUM = re.compile(r"(\d{20})\.crc")


@dataclass
class LogFolder:
    """The files of one log by version, as one listing found them."""

    path: Path
    commits: dict[int, int] = field(default_factory=dict)
    """Version → size in bytes."""
    checkpoints: dict[int, list[str]] = field(default_factory=dict)
    checksums: dict[int, str] = field(default_factory=dict)
    has_hint: bool = False

    @classmethod
    def scan(cls, path: Path) -> LogFolder:
        """List the folder. Raises FileNotFoundError where there is none."""
        log = cls(path)
        with os.scandir(path) as entries:
            for entry in entries:
                log.has_hint |= entry.name == HINT
                if match := COMMIT.fullmatch(entry.name):
                    log.commits[int(match[1])] = entry.stat().st_size
                elif match := CHECKPOINT.fullmatch(entry.name):
                    log.checkpoints.setdefault(int(match[1]), []).append(entry.name)
                elif match := CHECKSUM.fullmatch(entry.name):
                    log.checksums[int(match[1])] = entry.name
        return log

    @property
    def head(self) -> int:
        """The last version that has a commit; -1 where none has."""
        return max(self.commits, default=-1)

    @cached_property
    def base(self) -> int:
        """The last version that a whole checkpoint holds, and a commit or a later one confirms; -1 where none does."""
        sound = (version for version in sorted(self.checkpoints, reverse=True) if version <= self.head)
        return next((version for version in sound if self._is_whole(version)), -1)

    @property
    def invalid_files(self) -> list[Path]:
        """Checkpoints that cannot be read or have no commit, and a hint that names a checkpoint that is not there."""
        wrong = [
            self.path / name for version, names in self.checkpoints.items() if version > self.base for name in names
        ]
        return [*wrong, *([self.path / HINT] if self.has_hint and not self._is_hint_valid() else [])]

    def commit_path(self, version: int) -> Path:
        """Where the commit of a version lies."""
        return self.path / f"{version:020d}.json"

    def first_gap(self, until: int) -> int | None:
        """Return the first version after the base, up to `until`, whose commit is missing or empty."""
        versions = range(self.base + 1, until + 1)
        return next((version for version in versions if not self.commits.get(version)), None)

    def files_from(self, version: int) -> list[Path]:
        """Return the files of a version and those after it, the newest commit first.

        A hint that may name them before all.
        """
        names = [name for of, several in self.checkpoints.items() if of >= version for name in several]
        names += [name for of, name in self.checksums.items() if of >= version]
        hint = [self.path / HINT] if self.has_hint else []
        commits = [self.commit_path(each) for each in sorted(self.commits, reverse=True) if each >= version]
        return [*hint, *(self.path / name for name in names), *commits]

    def _is_whole(self, version: int) -> bool:
        return all(is_whole_parquet(self.path / name) for name in self.checkpoints[version])

    def _is_hint_valid(self) -> bool:
        try:
            hint = json.loads((self.path / HINT).read_bytes())
            return isinstance(hint, dict) and 0 <= hint["version"] <= self.base and hint["version"] in self.checkpoints
        except (OSError, ValueError, KeyError, TypeError):
            return False


def is_whole_parquet(path: Path, size: int | None = None) -> bool:
    """Whether a Parquet file has the size and begins and ends as one; a file cut off, or of zeros, does not."""
    try:
        with path.open("rb") as file:
            actual = file.seek(0, os.SEEK_END)
            if actual < 2 * len(PARQUET) or size not in (None, actual):
                return False
            file.seek(-len(PARQUET), os.SEEK_END)
            end = file.read()
            file.seek(0)
            return end == PARQUET == file.read(len(PARQUET))
    except FileNotFoundError:
        return False


def parse_commit(content: bytes) -> list[dict[str, Any]] | None:
    """Return the actions of a commit; None where it is empty, cut off or not a commit."""
    try:
        actions: list[Any] = [json.loads(line) for line in content.splitlines() if line.strip()]
    except ValueError:
        return None
    return actions if actions and all(isinstance(each, dict) for each in actions) else None
