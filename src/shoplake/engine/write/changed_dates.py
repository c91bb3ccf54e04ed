"""Days that changes of a table touch, kept for the other tables of a run that read the same changes."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from shoplake.engine.write.table_plan import DateRange

MAX_KEPT = 32


class ChangedDates:
    """The answers of at most `max_kept` questions, oldest first out.

    Data files have unique names and are never rewritten, so that the same files always have the same answer.
    """

    def __init__(self, max_kept: int = MAX_KEPT) -> None:
        self._max_kept = max_kept
        self._known: OrderedDict[Hashable, tuple[Lock, list[set[DateRange]]]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, ask: Callable[[], set[DateRange]]) -> set[DateRange]:
        """Return the answer to a question; a thread that asks what another is asking waits for it."""
        with self._lock:
            asking, answer = self._known.setdefault(key, (Lock(), []))
            self._known.move_to_end(key)
            while len(self._known) > self._max_kept:
                self._known.popitem(last=False)
        with asking:
            if not answer:
                answer.append(ask())
            return answer[0]
