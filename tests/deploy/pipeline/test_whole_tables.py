"""Each write mode as one query over all rows, compared with the table that runs have written."""

from pathlib import Path

import pytest
from conformance.test_tables import SMALL, exact
from reliability.lakes import lake_at, read

from shoplake.deploy.pipeline import whole_tables
from shoplake.simulate import generate

pytestmark = pytest.mark.slow
MODES = ("ad_costs", "categories", "customers", "events", "exchange_rates", "order_lines", "payments", "products")
DIFFERS = {"batch_id", "ingested_at", "quarantined_at"}


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """The lake of a small dirty shop, written by one run."""
    folder = tmp_path_factory.mktemp("shop")
    generate(folder / "landing", **SMALL)
    lake = lake_at(folder / "lake", folder / "landing", tables=MODES)
    lake.run()
    return lake


@pytest.fixture
def whole(lake):
    """The rows of a table, and those of its quarantine, by one query each."""

    def compute(name):
        table = lake.catalog[name]
        inputs = {each: lake.engine.read(lake.catalog[each]) for each in table.inputs}
        rows = whole_tables.evaluate(table, whole_tables.build(table, inputs, lake.settings.feeds))
        rows.write.mode("overwrite").parquet(f"{lake.settings.lake}-evaluated/{name}")  # Sail pushes filters too far
        evaluated = lake.engine.session.read.schema(rows.schema).parquet(f"{lake.settings.lake}-evaluated/{name}")
        return table, whole_tables.winners(table, evaluated), whole_tables.quarantine(table, evaluated)

    return compute


@pytest.mark.parametrize("name", MODES)
def test_a_table_and_its_quarantine_are_those_of_runs(lake, whole, name):
    table, winners, invalid = whole(name)
    for path, rows in ((table.path, winners), (table.quarantine.path, invalid)):
        stored, computed = read(Path(lake.settings.lake), path), rows.toArrow()
        kept = [each for each in stored.column_names if each not in DIFFERS]
        assert exact(computed.select(kept)) == exact(stored.select(kept))
