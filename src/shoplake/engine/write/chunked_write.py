"""A table that is put in place whole, of rows that are made part by part so that each part fits into the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine.protocol import WriteResult
    from shoplake.engine.write.delta_engine import DeltaEngine


def write_chunks(engine: DeltaEngine, table: Table[...], parts: Sequence[DataFrame]) -> WriteResult:
    """Put the rows of all parts in place of the table's, in one commit; each is made on its own before."""
    if len(parts) == 1:
        return engine.write(table, parts[0])
    with engine.staging(table) as stage:
        return engine.write(table, stage.materialize_union(parts))
