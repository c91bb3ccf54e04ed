"""A whole shop, all tables, in a catalog whose storage the client cannot see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reliability.lakes import lake_at

from shoplake.simulate import generate

from ..test_tables import SMALL, exact, is_close

if TYPE_CHECKING:
    import pyarrow as pa

    from shoplake.declare import Table
    from shoplake.lake import Lake

ARRIVAL = ("batch_id", "ingested_at", "quarantined_at")


def rows(lake: Lake, table: Table[...]) -> pa.Table:
    """What a table has, but for when it came in."""
    names = [column.name for column in table.columns if column.name not in ARRIVAL]
    return lake.engine.read(table).select(*names).toArrow()


def differences(one: Lake, other: Lake) -> dict[str, Any]:
    """The tables, and those beside them, whose rows differ, with how many there are."""
    found = {}
    for table in (each for declared in one.catalog.ordered for each in (declared, *declared.companion_tables)):
        left, right = rows(one, table), rows(other, table)
        if exact(left) != exact(right) or not is_close(left, right):
            found[table.qualified_name] = (left.num_rows, right.num_rows)
    return found


def test_every_table_of_a_shop_equals_that_of_sail_and_a_second_run_writes_none(hidden, catalog_engine, tmp_path):
    generate(tmp_path / "landing", **SMALL)
    sail = lake_at(tmp_path / "sail", tmp_path / "landing")
    lake = lake_at(tmp_path / "lake", tmp_path / "landing", **hidden.settings)

    sail.run()
    lake.run()

    assert differences(sail, lake) == {}
    assert ([step.table for step in lake.run().tables], lake.verify()) == ([], [])
