from dataclasses import replace

import pytest
from pyspark.sql import functions as F
from sample_changes import TABLES, ChangingLake, changed, fill, fresh_rows
from sample_tables import DAY, FEED

from shoplake.declare import Upsert, col, expect
from shoplake.engine.session.capabilities import SAIL, SPARK

CAPABILITIES = {"sail": SAIL, "spark": SPARK}
RENAMED = (FEED, DAY, col("known", "int", "Known", unit="1", was="things"))


def renamed(marks, prices):
    rows = TABLES["daily"].build(marks, prices)
    return rows.select("feed", "day", F.col("things").cast("int").alias("known"))


def by_known(daily):
    return daily.groupBy("feed").agg(F.sum("known").cast("bigint").alias("pieces"))


def built(name, build):
    return {name: replace(TABLES[name], build=build, _name=name, _doc=TABLES[name].doc)}


def portable(tables):
    """The tables without the one whose Python code lies in a module that a Spark server does not have."""
    return {name: each for name, each in tables.items() if name != "doubles"}


CHANGES = {
    "columns and functions": changed("daily", columns=RENAMED, build=renamed)
    | built("totals", by_known)
    | built("helped", by_known),
    "rules and write modes": changed("marks", rules=(expect("n_positive", "n > 0 OR n = 0"),))
    | {"latest": replace(TABLES["latest"], rules=(expect("n_positive", "n > 2"),))}
    | {"local_marks": replace(TABLES["local_marks"], write=Upsert(order_by="at", keep="first"), partition_by=())},
}


@pytest.mark.slow
@pytest.mark.parametrize("tables", CHANGES.values(), ids=CHANGES.keys())
def test_after_apply_a_lake_equals_a_fresh_one_on_both_engines(name, session, tmp_path, tables):
    lake = ChangingLake(session, tmp_path, capabilities=CAPABILITIES[name])
    lake.tables = portable(TABLES)
    fill(lake)
    lake.tables = portable(tables)

    assert lake.plan() != {}
    lake.apply()

    assert lake.plan() == {}
    assert lake.rows() == fresh_rows(lake, tmp_path / "fresh")
