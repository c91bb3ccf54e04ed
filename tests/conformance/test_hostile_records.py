"""Records with hostile values on both engines: what a table's function and its rules make of each, row for row."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from reliability.arrivals.test_hostile_kinds import SHOPS
from reliability.arrivals.test_hostile_values import TEXTS, mangle_csv
from reliability.lakes import BRONZE, with_read

from shoplake.declare import Feed
from shoplake.declare.catalog import Catalog
from shoplake.engine.session import sail
from shoplake.engine.session.capabilities import SAIL, SPARK
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.feeds import KINDS
from shoplake.lake import Lake
from shoplake.settings import Settings
from shoplake.transforms.expectations import evaluate_expectations

from .test_tables import exact, types

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from shoplake.engine.session.capabilities import EngineCapabilities

COUNT = 200
ENDS = ("\n", "\x1f", "\u00a0", "e2", "d", "\x00")
"""What one engine's casts or patterns might ignore behind a value."""


def hostile_csv(kind: str) -> str:
    """Return a file of a kind: half of the records have hostile values, some cells are long or end oddly."""
    chance = random.Random(kind)
    odd = [TEXTS[0], "x" * 20_000, '""' * 5_000, *(f"17850.0{end}" for end in ENDS)]
    head, *lines = mangle_csv(SHOPS[kind][1](range(COUNT)), chance).split("\r\n")
    more = (",".join(f'"{chance.choice(odd)}"' for _ in head.split(",")) for _ in range(20))
    return "\r\n".join([head, *lines, *more])


def evaluated(lake: Lake, name: str, capabilities: EngineCapabilities, session: object) -> pa.Table:
    """Return the rows of a table's function with the rules that each violates."""
    engine = DeltaEngine(session, lake.settings.lake, capabilities)
    table = lake.catalog[name]
    rows = table(*[engine.read(lake.catalog[each]) for each in table.inputs], feeds=lake.settings.feeds)
    return evaluate_expectations(rows, table.expectations, rows.columns).toArrow()


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "table"), [("online_retail", "order_lines"), ("rees46", "events")])
def test_hostile_records_become_the_same_rows_with_the_same_reasons(kind, table, tmp_path: Path, on_spark):
    (tmp_path / "landing").mkdir()
    text = hostile_csv(kind).encode("utf-8", "replace")
    (tmp_path / "landing" / "a.csv").write_bytes(text)
    feed = Feed("shop", KINDS[kind], str(tmp_path / "landing"), "America/Sao_Paulo", "EUR")
    lake = Lake(Settings(lake=str(tmp_path / "lake"), feeds=(feed,)))
    lake.catalog = Catalog(with_read(lake.catalog, (*BRONZE, table)))
    lake.run()

    one, other = evaluated(lake, table, SAIL, sail.session()), evaluated(lake, table, SPARK, on_spark)

    assert (types(other), exact(other)) == (types(one), exact(one))
    assert one.num_rows > COUNT
