"""Compare the head of each table's log with its durable head, on opening a lake; reads only the commits since then."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from shoplake.engine.storage import filesystem
from shoplake.engine.storage.durability.durable_heads import DurableHeads, Head, load_heads, table_folders
from shoplake.engine.storage.durability.log_folder import LogFolder, is_whole_parquet, parse_commit
from shoplake.errors import TableDamagedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Severity(Enum):
    """What damage means for readers and for the next run."""

    LEFTOVER = "leftover"
    """Readers do not see it; a run removes it."""
    TAIL = "tail"
    """Nothing durable is lost; readers must wait until a run removes it and does the work again."""
    DURABLE = "durable"
    """Something durable is lost; only a repair brings it back."""


@dataclass(frozen=True)
class Damage:
    """What is wrong with one table, and the files that a run sets aside to mend it, in order."""

    table: str
    severity: Severity
    problem: str
    file: Path
    files: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        """The table as `layer.table`."""
        return self.table.replace("/", ".")

    def error(self) -> TableDamagedError:
        """Return the same as an error that says what to do."""
        is_tail = self.severity is not Severity.DURABLE
        return TableDamagedError(self.name, self.problem, str(self.file), "run" if is_tail else "repair")


def find_damage(lake: str, tables: Iterable[str] | None = None) -> list[Damage]:
    """Return what is wrong with the heads of these tables (`layer/table`), or of all; nothing for an object store."""
    if filesystem.is_remote(lake) or not Path(lake).is_dir():
        return []
    recorded = load_heads(lake)
    there = {*table_folders(lake), *(recorded.tables if recorded else ()), *(recorded.under_repair if recorded else ())}
    chosen = sorted(there if tables is None else there & set(tables))
    return [damage for table in chosen if (damage := _damage(Path(lake), table, recorded)) is not None]


def check_heads(lake: str, tables: Iterable[str]) -> None:
    """Raise TableDamagedError where the head of one of these tables cannot be trusted.

    A writer may be at work meanwhile, so what looks wrong is looked at twice.
    """
    suspects = [damage.table for damage in find_damage(lake, tables) if damage.severity is not Severity.LEFTOVER]
    for damage in find_damage(lake, suspects) if suspects else ():
        if damage.severity is not Severity.LEFTOVER:
            raise damage.error()


def _damage(lake: Path, table: str, recorded: DurableHeads | None) -> Damage | None:
    durable = recorded.tables.get(table) if recorded else None
    try:
        log = LogFolder.scan(lake / table / "_delta_log")
    except FileNotFoundError:
        log = LogFolder(lake / table / "_delta_log")
    if recorded is not None and table in recorded.under_repair:
        return Damage(table, Severity.DURABLE, "its repair is not finished", log.path)
    if durable is None and not log.commits:
        return Damage(table, Severity.LEFTOVER, "its log is empty", log.path, (lake / table,))
    lost = _durable_damage(log, durable, has_record=recorded is not None)
    if lost is not None:
        return Damage(table, Severity.DURABLE, *lost)
    # A lake without a record was written by an earlier version: whatever its log holds counts as durable.
    start = durable.version if durable else log.head if recorded is None else -1
    return _tail_damage(lake, table, log, start)


def _durable_damage(log: LogFolder, durable: Head | None, *, has_record: bool) -> tuple[str, Path] | None:
    """Return what is wrong with the commits up to the durable head, and the file."""
    if durable is None and has_record:
        return None
    until = durable.version if durable else log.head
    if not log.path.exists():
        return "its log is missing", log.path
    if until > log.head:
        return f"its log ends at version {log.head}, but version {until} was written", log.commit_path(until)
    if (gap := log.first_gap(until)) is not None:
        return "a commit in its log is missing or empty", log.commit_path(gap)
    if until not in log.commits:
        return None
    content = log.commit_path(until).read_bytes()
    is_sound = hashlib.sha256(content).hexdigest() == durable.sha256 if durable else parse_commit(content) is not None
    return None if is_sound else ("a commit in its log is not what was written", log.commit_path(until))


def _tail_damage(lake: Path, table: str, log: LogFolder, start: int) -> Damage | None:
    """Return what is wrong with the commits after version `start`, of which no sync is known."""
    for version in range(start + 1, log.head + 1):
        path = log.commit_path(version)
        actions = parse_commit(path.read_bytes()) if log.commits.get(version) else None
        broken = None if actions is None else next(_broken_files(lake / table, actions), None)
        if actions is None or broken is not None:
            problem = "a commit in its log is cut off" if broken is None else "a new data file is cut off or missing"
            files = (lake / table,) if version == 0 else tuple(log.files_from(version))
            return Damage(table, Severity.TAIL, problem, broken or path, files)
    if invalid := log.invalid_files:
        return Damage(table, Severity.TAIL, "a checkpoint of its log is cut off or missing", invalid[0], tuple(invalid))
    stale = [log.path / name for version, name in log.checksums.items() if _is_stale(log, version, name, start)]
    if stale:
        return Damage(table, Severity.LEFTOVER, "a version checksum has no commit", stale[0], tuple(stale))
    return None


def _is_stale(log: LogFolder, version: int, name: str, start: int) -> bool:
    """Whether a version's checksum was lost, or outlived the commit that it belongs to."""
    return version > log.head or (version > start and not _is_json(log.path / name))


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return True


def _broken_files(folder: Path, actions: list[dict[str, Any]]) -> Iterator[Path]:
    """Return the data files that a commit adds and that are not as it says."""
    for add in (each["add"] for each in actions if "add" in each):
        path = folder / unquote(add["path"])
        if not is_whole_parquet(path, add["size"]):
            yield path
