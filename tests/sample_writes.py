"""Writes of sample tables that no plan precedes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake.engine.ingest.batch_reader import read_batch
from shoplake.engine.write.delta_engine import DeltaEngine, GivenRows
from shoplake.engine.write.table_plan import AllRows, Sessions

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.declare import Table


def engine_with(session: Any, folder: Path, *tables: Table[...]) -> DeltaEngine:
    """An engine over a new lake that has these tables, without rows."""
    engine = DeltaEngine(session, str(folder))
    for each in tables:
        engine.create_if_missing(each)
    return engine


@dataclass(frozen=True)
class SessionInput:
    """A source of sessions from an input and the rows of it that changed."""

    engine: Any
    upstream: Table[...]
    changed: DataFrame
    transform: Any

    def rows(self, action: Any) -> Any:
        yield self.build(self.all_input())

    def changed_input(self, action: Any) -> DataFrame:
        return self.changed

    def most_rows(self) -> int:
        return 0

    def all_input(self) -> DataFrame:
        return self.engine.read(self.upstream)

    def build(self, rows: DataFrame) -> DataFrame:
        return self.transform(rows)


def recompute(engine: Any, declared: Table[...], upstream: Table[...], changed: DataFrame, build: Any) -> Any:
    """Recompute the rows of a session table that changed rows of its input touch."""
    action = Sessions(0, declared.write.event_date)
    return engine.execute(declared, action, SessionInput(engine, upstream, changed, build))


class SeenRows:
    """The rows that a check sees before each commit: the new ones, and those that stay beside them."""

    def __init__(self, *names: str) -> None:
        self._names, self.commits = names, list[tuple[Any, Any]]()

    def write(self, engine: Any, declared: Table[...], rows: DataFrame, action: Any = None) -> Any:
        """Write rows, and note what the check sees."""
        return engine.execute(declared, action or AllRows(), GivenRows(rows), self._note)

    def _note(self, staged: DataFrame, kept: DataFrame | None) -> None:
        self.commits.append((self._values(staged), None if kept is None else self._values(kept)))

    def _values(self, rows: DataFrame) -> list[tuple[Any, ...]]:
        return sorted(tuple(row) for row in rows.select(*self._names).collect())


def ingest(engine: Any, declared: Table[...], batch: Any, **sizes: int) -> Any:
    """Append the records of a batch's files to a bronze table."""
    return engine.append_batch(declared, batch.id, read_batch(engine.session, declared, batch, **sizes))


def commit_of(at: str, version: int) -> list[dict[str, Any]]:
    """The actions of one commit."""
    return [json.loads(line) for line in Path(at, "_delta_log", f"{version:020d}.json").read_text().splitlines()]
