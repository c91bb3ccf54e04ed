"""Writers at the same table at the same time: the one that loses tries again, and no row is lost or doubled.

So it is where no lock of the operating system sees to it that there is one writer: in object stores and catalogs.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sample_tables import mark, marks, records, rows_of

from shoplake.engine.storage import delta_log
from shoplake.engine.write.table_location import PathTable

if TYPE_CHECKING:
    from shoplake.engine.write.delta_engine import DeltaEngine

WRITERS = 2


@pytest.mark.slow
def test_writers_that_merge_at_once_lose_nothing(engine: DeltaEngine, take, monkeypatch):
    monkeypatch.setattr(PathTable, "is_single_writer", False)
    take(marks, mark("seed"))
    before = delta_log.table_version(engine.path(marks))

    def merge(writer: int) -> None:
        output = [mark("seed", "2026-03-01T08:00:00Z", n=1), mark(f"own {writer}")]
        engine.write(marks, marks(records(engine.session, *output, batch=f"b00000000{writer + 2}")))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(merge, range(WRITERS)))

    assert [row[0] for row in rows_of(engine, marks, "id")] == ["own 0", "own 1", "seed"]
    assert delta_log.table_version(engine.path(marks)) == before + WRITERS
