"""Errors of answers, exports and the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from shoplake.errors import ShoplakeError

if TYPE_CHECKING:
    from pathlib import Path


class ExportError(ShoplakeError):
    """The destination of an export cannot be written or replaced, or an export cannot be read from the lake."""


class AnswerNotFoundError(ShoplakeError):
    """An answer was requested of a feed, currency, day, person or product that has no data."""

    status: ClassVar = 404


class InvalidRangeError(AnswerNotFoundError):
    """An answer was requested of days that are no range, or too many."""

    status: ClassVar = 422


class StoreGoneError(AnswerNotFoundError):
    """A row was looked up in a store that was deleted, before the next build has written it again."""

    status: ClassVar = 503

    def __init__(self) -> None:
        super().__init__("The store was deleted and is being built again. Ask again in a minute.")


class FilesGoneError(AnswerNotFoundError):
    """The files of a table were requested of a lake that is there no longer."""

    status: ClassVar = 503

    def __init__(self, table: str) -> None:
        super().__init__(
            f"The files of {table} are not there: the lake was moved or deleted, or its disk is not mounted. "
            "Ask again when it is back."
        )


class LakeGoneError(ShoplakeError):
    """A lake that has a store, or whose store was being built, is there no longer."""

    def __init__(self, lake: str) -> None:
        super().__init__(
            f"The lake {lake} is gone: it was moved or deleted, or its disk is not mounted. "
            "Put it back, or name its new place in shoplake.toml, then: shoplake serve --refresh"
        )
        self.lake = lake


class StoreDeletedError(ShoplakeError):
    """The store was deleted while it was built."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The store {folder} was deleted while it was built. The next build writes it: shoplake serve --refresh"
        )
        self.folder = folder


class DamagedStoreError(ShoplakeError):
    """A file of the store cannot be opened, though it begins as one."""

    def __init__(self, folder: Path, error: Exception) -> None:
        super().__init__(
            f"The store is damaged: {error} Delete the folder {folder} and build it anew: shoplake serve --refresh"
        )
        self.folder = folder


class UnopenedStoreError(ShoplakeError):
    """The system does not open a file of the store, as where a process has too many open files."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"The store cannot be opened: {error}. Correct the cause, then: shoplake serve --refresh")
