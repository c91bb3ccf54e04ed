"""Values that several tables of a run ask for, computed once."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")
MAX_KEPT = 32


class OnceCache(Generic[T]):
    """At most `max_kept` values by key; the one used longest ago goes first."""

    def __init__(self, max_kept: int = MAX_KEPT) -> None:
        self._max_kept = max_kept
        self._known: OrderedDict[Hashable, tuple[Lock, list[T]]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return the value of a key; a thread that asks for what another is computing waits for it."""
        with self._lock:
            computing, value = self._known.setdefault(key, (Lock(), []))
            self._known.move_to_end(key)
            while len(self._known) > self._max_kept:
                self._known.popitem(last=False)
        with computing:
            if not value:
                value.append(compute())
            return value[0]
