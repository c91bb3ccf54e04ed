"""Memory of the embedded engine for whoever asks first, instead of an equal share for each step of a query."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from shoplake.engine.session import few_new_rows, sail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession


@contextmanager
def first_come_memory(session: SparkSession) -> Iterator[bool]:
    """Let the session's queries inside `with` take memory as they ask for it; yield whether they do.

    The pool of a server is what its sessions begin with, and a session has no way back to it: the queries are those of
    another session meanwhile, by its client. Those that have begun keep theirs. Without a memory limit nothing changes.
    """
    other = sail.SERVERS.first_come(session)
    if other is None:
        yield False
        return
    few_new_rows.divide(other, few_new_rows.tasks_of(session))
    client = session._client  # type: ignore[attr-defined]
    session._client = other._client  # type: ignore[attr-defined]
    try:
        yield True
    finally:
        session._client = client  # type: ignore[attr-defined]
