"""Builds a table with the memory there is, and again in more parts where it does not suffice for those estimated."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from shoplake.engine import AllRows, FullRefresh, Partitions, QueryStalledError
from shoplake.errors import EngineMemoryError
from shoplake.pipeline.memory.chunking import memory_chunks
from shoplake.pipeline.memory.partition_parts import is_divided

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoplake.engine import Action, PipelineEngine
    from shoplake.pipeline.table_inputs import TableInputs

MOST_PARTS = 32
"""Parts into which a table is divided at most: each may read all of its inputs."""

log = logging.getLogger("shoplake.pipeline")
Built = TypeVar("Built")


class SmallerParts:
    """Divides tables that lack memory further, each time into twice as many parts.

    Where others `run_beside` a table, it is not divided at first, but left to be built again alone. Where none do, a
    table all of which is built, and which `takes_memory_as_asked`, at first does.
    """

    def __init__(self, engine: PipelineEngine) -> None:
        self.run_beside = True
        self._engine = engine
        self._failed = set[str]()

    def build(self, action: Action, inputs: TableInputs, build: Callable[[TableInputs], Built]) -> Built:
        """Call `build` with inputs whose parts fit.

        Raises EngineMemoryError where the table cannot be divided further, and QueryStalledError as it comes.
        """
        is_whole = isinstance(action, AllRows | FullRefresh)
        if is_whole and not self.run_beside and inputs.table.write.takes_memory_as_asked:
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


def _count(action: Action, of: TableInputs) -> int:
    """Return how many parts an action has: others than of all rows or of partitions have one."""
    if isinstance(action, Partitions):
        return len(of.divided(action))
    if is_divided(action, of.table, of.parts):
        return len(memory_chunks(of.engine, of.catalog, of.table, of.memory, of.parts))
    return 1
