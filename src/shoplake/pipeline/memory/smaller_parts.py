"""Builds a table with the memory there is, and again in more parts where it does not suffice for those estimated."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from shoplake.declare import Replace
from shoplake.engine import AllRows, FullRefresh, Partitions, QueryStalledError
from shoplake.errors import EngineMemoryError
from shoplake.pipeline.memory.chunking import memory_chunks
from shoplake.pipeline.memory.partition_parts import is_divided

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoplake.declare import Table
    from shoplake.engine import Action, PipelineEngine
    from shoplake.pipeline.table_inputs import TableInputs

MOST_PARTS = 32
"""Parts into which a table is divided at most: each may read all of its inputs."""

log = logging.getLogger("shoplake.pipeline")
Built = TypeVar("Built")


class SmallerParts:
    """Divides tables that lack memory further, each time into twice as many parts.

    Where others `run_beside` a table, it is not divided at first, but left to be built again alone. Where none do, what
    `takes_memory_as_needed` may at first use what its steps ask for, in turn.
    """

    def __init__(self, engine: PipelineEngine) -> None:
        self.run_beside = True
        self._engine = engine
        self._failed = set[str]()

    def build(self, action: Action, inputs: TableInputs, build: Callable[[TableInputs], Built]) -> Built:
        """Call `build` with inputs whose parts fit.

        Raises EngineMemoryError where the table cannot be divided further, and QueryStalledError as it comes.
        """
        if not self.run_beside and takes_memory_as_needed(action, inputs.table):
            with self._engine.first_come_memory() as is_first_come:
                if is_first_come:
                    try:
                        return build(inputs)
                    except QueryStalledError:
                        raise
                    except EngineMemoryError:
                        log.info("%s: the memory does not suffice unless its steps share it", inputs.table.name)
        return self._build_in_parts(action, inputs, build)

    def _build_in_parts(self, action: Action, inputs: TableInputs, build: Callable[[TableInputs], Built]) -> Built:
        while True:
            try:
                return build(inputs)
            except QueryStalledError:
                raise
            except EngineMemoryError:
                name = inputs.table.name
                if self.run_beside and name not in self._failed:
                    self._failed.add(name)
                    raise
                before = _count(action, inputs)
                inputs = replace(inputs, parts=2 * before)
                if not before < (parts := _count(action, inputs)) <= MOST_PARTS:
                    raise
                log.warning("%s: the memory does not suffice; it is built in %s parts", name, parts)


def takes_memory_as_needed(action: Action, table: Table[...]) -> bool:
    """Whether an action computes all rows of a table whose steps may take memory as they ask for it.

    An aggregate spills as soon as it has its share of the memory, though others use little of theirs. Two sorts that
    take what they can leave one another nothing, and what Python functions use is in no pool: the table says it.
    """
    write = table.write
    return isinstance(action, AllRows | FullRefresh) and isinstance(write, Replace) and write.takes_memory_as_asked


def _count(action: Action, of: TableInputs) -> int:
    """Return how many parts an action has: others than of all rows or of partitions have one."""
    if isinstance(action, Partitions):
        return len(of.divided(action))
    if is_divided(action, of.table, of.parts):
        return len(memory_chunks(of.engine, of.catalog, of.table, of.memory, of.parts))
    return 1
