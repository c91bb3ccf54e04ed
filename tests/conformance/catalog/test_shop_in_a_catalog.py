"""A whole shop, all tables, in a catalog whose storage the client cannot see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reliability.lakes import lake_at, stored

from shoplake.simulate import generate

from ..test_tables import SMALL, exact, is_close

if TYPE_CHECKING:
    import pyarrow as pa

    from shoplake.declare import Table
    from shoplake.lake import Lake

ARRIVAL = ("batch_id", "ingested_at", "quarantined_at")


def rows(lake: Lake, table: Table[...]) -> pa.Table:
    """What a table has stored, but for when it came in."""
    return stored(lake, table, [column.name for column in table.columns if column.name not in ARRIVAL])


def contents(lake: Lake) -> dict[str, pa.Table]:
    """What each table has, and those beside it."""
    tables = (each for declared in lake.catalog.ordered for each in (declared, *declared.companion_tables))
    return {table.qualified_name: rows(lake, table) for table in tables}


def differences(one: dict[str, pa.Table], other: dict[str, pa.Table]) -> dict[str, Any]:
    """The tables whose rows differ, with how many there are."""
    same = {name: exact(left) == exact(other[name]) and is_close(left, other[name]) for name, left in one.items()}
    return {name: (one[name].num_rows, other[name].num_rows) for name, is_same in same.items() if not is_same}


def test_every_table_of_a_shop_equals_that_of_sail_and_a_second_run_writes_none(hidden, catalog_engine, tmp_path):
    generate(tmp_path / "landing", **SMALL)
    sail = lake_at(tmp_path / "sail", tmp_path / "landing")
    lake = lake_at(tmp_path / "lake", tmp_path / "landing", **hidden.settings)

    sail.run()
    expected = contents(sail)
    lake.run()

    assert differences(expected, contents(lake)) == {}
    assert ([step.table for step in lake.run().tables], lake.verify()) == ([], [])
