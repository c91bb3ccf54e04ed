from dataclasses import replace

from shoplake import tables
from shoplake.declare import Feed
from shoplake.declare.catalog import Catalog
from shoplake.engine.session.capabilities import SPARK
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.feeds import KINDS
from shoplake.operations.definitions.current_definitions import CurrentDefinitions, engine_version
from shoplake.operations.definitions.returned_columns import recorded_schema, to_text

LOCAL = replace(SPARK, shares_disk=True)


def test_recorded_columns_of_all_tables_are_those_that_spark_says(on_spark, tmp_path):
    catalog = Catalog.from_package(tables)
    feeds = (Feed("shop", KINDS["zenith"], "landing", "Europe/London", "GBP"),)
    current = CurrentDefinitions(DeltaEngine(on_spark, str(tmp_path), LOCAL), catalog, feeds)
    engine = engine_version(current._engine)

    said = {
        table.name: (to_text(rows.schema), plan)
        for table in catalog.ordered
        if table.inputs
        for plan, rows in current.rows_by_plan(table)
    }

    recorded = {name: recorded_schema(engine, plan) for name, (_, plan) in said.items()}
    assert {name: schema and to_text(schema) for name, schema in recorded.items()} == {
        name: columns for name, (columns, _) in said.items()
    }
