"""Builds a table again in more parts, where the memory does not suffice for those that were estimated."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from shoplake.engine import FullRefresh, QueryStalledError
from shoplake.errors import EngineMemoryError
from shoplake.pipeline.memory.chunking import memory_chunks

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoplake.engine import Action
    from shoplake.pipeline.table_inputs import TableInputs

MOST_PARTS = 32
"""Parts into which a table is divided at most: each may read all of its inputs."""

log = logging.getLogger("shoplake.pipeline")
Built = TypeVar("Built")


class SmallerParts:
    """Divides tables that lack memory further, each time into twice as many parts.

    Where others `run_beside` a table, it is not divided at first, but left to be built again alone.
    """

    def __init__(self) -> None:
        self.run_beside = False
        self._failed = set[str]()

    def build(self, action: Action, inputs: TableInputs, build: Callable[[TableInputs], Built]) -> Built:
        """Call `build` with inputs whose parts fit.

        Raises EngineMemoryError where the table cannot be divided further, and QueryStalledError as it comes.
        """
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
                before = _count(inputs)
                inputs = replace(inputs, parts=2 * before)
                if not isinstance(action, FullRefresh) or not before < (parts := _count(inputs)) <= MOST_PARTS:
                    raise
                log.warning("%s: the memory does not suffice; it is built in %s parts", name, parts)


def _count(of: TableInputs) -> int:
    return len(memory_chunks(of.engine, of.catalog, of.table, of.memory, of.parts))
