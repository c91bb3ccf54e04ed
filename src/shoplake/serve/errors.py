"""Errors of answers, exports and the store."""

from __future__ import annotations

from typing import ClassVar

from shoplake.errors import ShoplakeError


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


class LakeGoneError(ShoplakeError):
    """The lake was moved or deleted while its store was built."""

    def __init__(self, lake: str) -> None:
        super().__init__(
            f"The lake {lake} was moved or deleted while its store was built. "
            "Put it back, or name its new place in shoplake.toml, then: shoplake serve --refresh"
        )
        self.lake = lake
