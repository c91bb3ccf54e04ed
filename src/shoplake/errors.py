"""Every error a user can meet, in one place.

ShoplakeError
├── DeclarationError      a table is declared in a way that cannot work
│   ├── UnknownTableError      a name that nobody declares was read or asked for
│   └── LayerViolationError       a table reads from a layer above its own
├── SettingsError         shoplake.toml is missing, or says something that cannot be
├── LandingError          a landing folder or file cannot be read
├── SchemaMismatchError        a function returned other columns than it declared
├── QueryNotAllowedError          a query is not read-only, or names what is not in the lake
├── NotVersionedError             the versions of a table were asked for that keeps none
├── KeyNotFoundError            a table holds no row of that key
├── StorageAccessError          an object store cannot be reached, or lets nobody in
├── LakeLockedError              another process is writing to this lake
├── LakeBroken            a table cannot be read or written as its log says
├── TableDamagedError     files of a table were lost or cut off
└── EngineError           the engine cannot be started or reached: no Java, no server, no answer
    ├── EngineConnectionLostError        the engine was there, and is not any more
    └── UnsupportedFeatureError        the engine does not do what is asked, and would not have said so
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


class ShoplakeError(Exception):
    """Something a person can put right; the message says how."""


class DeclarationError(ShoplakeError):
    """A table is declared in a way that cannot work."""


class UnknownTableError(DeclarationError):
    """A name that nobody declares was read or asked for."""

    def __init__(self, name: str, known: Collection[str], *, read_by: str = "") -> None:
        reader = f", which {read_by} reads" if read_by else ""
        super().__init__(f"Nobody declares '{name}'{reader}. {hint(name, known)}")


class LayerViolationError(DeclarationError):
    """A table reads from a layer above its own."""


class SettingsError(ShoplakeError):
    """The settings are missing, or say something that cannot be."""


class LandingError(ShoplakeError):
    """A landing folder or one of its files cannot be read."""


class SchemaMismatchError(ShoplakeError):
    """A function returned other columns or types than its table declares."""


class QueryNotAllowedError(ShoplakeError):
    """A query is not read-only, or names something that is not a table of the lake."""


class NotVersionedError(ShoplakeError):
    """The versions of a table were asked for that keeps none."""

    def __init__(self, name: str, kept: Collection[str]) -> None:
        super().__init__(f"{name} keeps no history. Those that do: {', '.join(sorted(kept))}.")


class KeyNotFoundError(ShoplakeError):
    """A table holds no row of that key."""

    def __init__(self, key: str, column: str, table: str, like: Collection[str]) -> None:
        known = f"There are, for example: {', '.join(like)}." if like else "It has no rows yet."
        super().__init__(f"{table} has no {column} '{key}'. {known}")


class StorageAccessError(ShoplakeError):
    """An object store cannot be reached, knows no such bucket, refuses the key, or cannot hold a lake."""


class LakeLockedError(ShoplakeError):
    """Another process is writing to this lake."""


class LakeBroken(ShoplakeError):
    """A table cannot be read or written as its log says."""


class TableDamagedError(ShoplakeError):
    """Files of a table were lost or cut off, by a power cut or a bad disk."""

    def __init__(self, table: str, problem: str, file: str, command: str) -> None:
        """`command` mends it: `run` where only unfinished work is lost, else `repair`."""
        super().__init__(f"{table} is damaged: {problem} ({file}). Mend it: shoplake {command}")
        self.table, self.file, self.command = table, file, command


class EngineError(ShoplakeError):
    """The engine cannot be started or reached."""


class EngineConnectionLostError(EngineError):
    """The engine was there, and is not any more."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The engine is gone: {why.rstrip('.')}. What was committed stands; do it again. "
            "A server on this machine is then started anew, one at sc:// is for whoever keeps it to start."
        )


class UnsupportedFeatureError(EngineError):
    """The engine does not do what is asked, and would not have said so."""


def hint(typed: str, known: Collection[str]) -> str:
    """What was probably meant by `typed`; all there is, if nothing is near."""
    near = get_close_matches(typed, known, n=1)
    return f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(sorted(known))}."
