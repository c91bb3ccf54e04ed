import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa

if TYPE_CHECKING:
    from shoplake.serve.store.generation import Generation


class OneTable:
    """A generation of one table, as readers' tests use it."""

    id = "a1"
    versions: ClassVar = {"gold.t": 1}
    as_of = datetime(2026, 1, 2, tzinfo=UTC)

    def query(self, sql: str, parameters: object = ()) -> pa.Table:
        return pa.table({"n": [1]})

    async def document(self, table: str, key: tuple[str, ...]) -> bytes | None:
        return b"{}" if key == ("1",) else None


async def _find(generation: "Generation", key: str) -> bytes | None:
    return await generation.document("gold.t", (key,))


def test_a_generation_can_be_replaced_by_a_fake() -> None:
    generation: Generation = OneTable()

    assert (asyncio.run(_find(generation, "2")), generation.versions["gold.t"]) == (None, 1)
