"""Builds a table again whose query stood still, in the same run."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shoplake.engine import QueryStalledError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoplake.declare import Table
    from shoplake.engine import PipelineEngine

log = logging.getLogger("shoplake.pipeline")


def update_once_more(engine: PipelineEngine, update: Callable[[Table[...]], None], table: Table[...]) -> None:
    """Call `update`, and once more where a query stands still: with one task a step, so that none waits for another.

    `update` plans the table anew, as another run would. Raises QueryStalledError where that stands still too.
    """
    try:
        update(table)
    except QueryStalledError:
        log.warning("%s: a query of it stood still and was ended; it is built again in one task", table.name)
        with engine.in_one_task():
            update(table)
