"""All errors that shoplake raises on purpose.

ShoplakeError
├── DeclarationError              a table is declared in a way that cannot work
│   ├── UnknownTableError         no table has this name
│   └── KindError                 a feed kind does not fit the tables
├── ProjectError                  a file of the project cannot be loaded, or clashes with another
├── SettingsError                 shoplake.toml or the environment is missing or invalid
├── LandingError                  a landing folder or file cannot be read
├── SchemaMismatchError           a table's function returns other columns than declared
├── QueryNotAllowedError          a query is not read-only, or reads something outside the lake
├── QueryError                    the engine cannot answer a query
├── NotVersionedError             row versions were requested of a table without SCD type 2
├── KeyNotFoundError              a table has no row with this key
├── MissingExtraError             an extra of the package is not installed
├── TableNotFoundError            a declared table has not been written yet
├── TableDamagedError             files of a table were lost or cut off
├── VersionNotFoundError          a table has no such version
├── IncompatibleLakeError         the lake was written by another version of shoplake
├── CommitError                   a write or a run could not be completed
├── WriteStoppedError             too many rows of a write violate a rule that stops, or a gate
├── PendingChangesError           changes of code or settings are not applied yet
├── StreamingError                a streaming query failed
├── StorageAccessError            an object store is unreachable or denies access
├── LakeLockedError               another process is writing to the lake
└── EngineError                   the engine cannot be started or reached
    ├── EngineConnectionLostError     the connection to a running engine is lost
    ├── EngineMemoryError             a query needs more memory than it may use
    └── UnsupportedFeatureError       the engine lacks a feature

Errors of models are in `shoplake.ml.model_errors`, of answers in `shoplake.serve.errors`, of one module beside it.
The message of each quotes what was given and says what to do; the values in it are also attributes.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from shoplake.listed_names import list_some

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MAX_LISTED_NAMES = 10


class ShoplakeError(Exception):
    """Base class of all errors that a user can correct; the message says how."""

    exit_code = 1
    """The exit code of a command that ends with it."""


class DeclarationError(ShoplakeError):
    """A table is declared in a way that cannot work."""


class UnknownTableError(DeclarationError):
    """No table has this name."""

    def __init__(self, name: str, known: Collection[str], *, read_by: str = "") -> None:
        reader = f", read by {read_by}" if read_by else ""
        super().__init__(f"Unknown table '{name}'{reader}. {hint(name, known)}")
        self.name, self.known, self.read_by = name, tuple(known), read_by


class KindError(DeclarationError):
    """A feed kind does not fit the tables; `mistakes` has a line for each mistake, with kind and nearest name."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class ProjectError(ShoplakeError):
    """A file of the project or a package that it uses cannot be loaded, or declares what is declared already."""


class SettingsError(ShoplakeError):
    """The settings are missing or invalid."""


class LandingError(ShoplakeError):
    """A landing folder or one of its files cannot be read."""


class SchemaMismatchError(ShoplakeError):
    """A table's function returns other columns or types than the table declares."""


class QueryNotAllowedError(ShoplakeError):
    """A query is not read-only, or reads something that is not a table of the lake."""


class QueryError(ShoplakeError):
    """The engine cannot answer a query; `reason` is its own message."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Query failed: {reason}")
        self.reason = reason


class NotVersionedError(ShoplakeError):
    """Row versions were requested of a table that has none."""

    def __init__(self, name: str, versioned: Collection[str]) -> None:
        super().__init__(f"{name} keeps no history. Those that do: {', '.join(sorted(versioned))}.")
        self.name, self.versioned = name, tuple(versioned)


class KeyNotFoundError(ShoplakeError):
    """A table has no row with this key."""

    def __init__(self, key: str, column: str, table: str, like: Collection[str]) -> None:
        known = f"There are, for example: {', '.join(like)}." if like else "It has no rows yet."
        super().__init__(f"{table} has no {column} '{key}'. {known}")
        self.key, self.column, self.table = key, column, table


class MissingExtraError(ShoplakeError):
    """What is asked for needs an extra of the package that is not installed."""

    def __init__(self, subject: str, extra: str) -> None:
        super().__init__(f"{subject} needs an extra. Install it: pip install 'shoplake[{extra}]'")
        self.extra = extra


class TableNotFoundError(ShoplakeError):
    """A declared table has not been written yet."""

    def __init__(self, name: str, lake: str) -> None:
        super().__init__(f"Table '{name}' does not exist in {lake} yet. Create it: shoplake run")
        self.name, self.lake = name, lake


class TableDamagedError(ShoplakeError):
    """Files of a table were lost or cut off, by a power cut or a bad disk."""

    def __init__(self, table: str, problem: str, file: str, command: str) -> None:
        """`command` mends it: `run` where only unfinished work is lost, else `repair`."""
        super().__init__(f"{table} is damaged: {problem} ({file}). Mend it: shoplake {command}")
        self.table, self.file, self.command = table, file, command


class VersionNotFoundError(ShoplakeError):
    """A version of a table never was, or is deleted; those from `first` to `last` can be read."""

    def __init__(self, table: str, version: int, first: int, last: int) -> None:
        super().__init__(f"{table} has no version {version}: those from {first} to {last} can be read.")
        self.table, self.version, self.first, self.last = table, version, first, last


class IncompatibleLakeError(ShoplakeError):
    """The lake was written by another version of shoplake; `reason` says what differs."""

    def __init__(self, lake: str, reason: str) -> None:
        super().__init__(
            f"The lake {lake} was written by another version of shoplake: {reason}. "
            "Set lake in shoplake.toml to a new folder and build it: shoplake run --full-refresh"
        )
        self.lake, self.reason = lake, reason


class CommitError(ShoplakeError):
    """A write or a run could not be completed: a full disk, a lost race, a damaged table. Committed data is safe."""


class WriteStoppedError(ShoplakeError):
    """Too many rows of a write violate a rule that stops; nothing of the write is committed."""

    exit_code = 3

    def __init__(self, table: str, rule: str, rows_read: int, rows_violating: int, stop_above: float) -> None:
        super().__init__(
            f"{table}: {rows_violating:,} of {rows_read:,} rows violate {rule}, more than {stop_above:.1%}. "
            f"The table keeps its rows. Mend the files, or accept it once: "
            f'shoplake run --accept {table}.{rule} --because "…"'
        )
        self.table, self.rule, self.stop_above = table, rule, stop_above
        self.rows_read, self.rows_violating = rows_read, rows_violating


class PendingChangesError(ShoplakeError):
    """The rows of `tables` are not those of the current code and settings."""

    exit_code = 4

    def __init__(self, tables: Collection[str]) -> None:
        changes = "changes are" if len(tables) > 1 else "change is"
        super().__init__(
            f"{len(tables)} {changes} not applied yet: {', '.join(tables)}. Review: shoplake plan. "
            "Apply: shoplake apply"
        )
        self.tables = tuple(tables)


class StreamingError(ShoplakeError):
    """A streaming query failed; `reason` is what its function raised on the server."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The streaming query failed: {reason} Committed data is safe; start it again.")
        self.reason = reason


class StorageAccessError(ShoplakeError):
    """An object store is unreachable, has no such bucket, denies access, or cannot store a lake safely."""


class LakeLockedError(ShoplakeError):
    """Another process is writing to the lake."""


class EngineError(ShoplakeError):
    """The engine cannot be started or reached."""


class EngineConnectionLostError(EngineError):
    """The connection to a running engine is lost."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Lost connection to Spark: {reason.rstrip('.')}. Committed data is safe. Run the command again; "
            "a local server restarts automatically, a remote one (sc://) must be restarted first."
        )
        self.reason = reason


class EngineMemoryError(EngineError):
    """A query needs more memory than it may use; nothing of its write is committed."""

    def __init__(self, details: str) -> None:
        super().__init__(f"A query needs more memory than it may use: {details}. Raise memory_limit and run again.")


class UnsupportedFeatureError(EngineError):
    """The engine lacks a feature."""


def hint(typed: str, known: Collection[str]) -> str:
    """Return the known name nearest to `typed`, or else at most ten names there are, of its layer if it has one."""
    layer, dot, bare = typed.rpartition(".")
    names = sorted(known)
    of_layer = [name for name in names if name.startswith(f"{layer}{dot}")]
    for cutoff, some in ((1, names), (0.6, of_layer), (0.6, names)):
        by_bare = {name.rpartition(".")[2]: name for name in reversed(some)}
        if near := get_close_matches(bare, by_bare, n=1, cutoff=cutoff):
            return f"Did you mean '{by_bare[near[0]]}'?"
    listed = of_layer or names
    return f"There are: {list_some(listed, MAX_LISTED_NAMES)}." if listed else "There are none."
