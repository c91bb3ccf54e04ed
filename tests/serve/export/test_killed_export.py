"""An export that is killed: readers see the export before it whole, and the next one cleans up."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from shoplake.serve.export.destinations.targets import parse_target
from shoplake.serve.export.export import export_tables

from .small_lake import SALES, sale

SCRIPT = Path(__file__).with_name("killed_export.py")
KILLED = 9
POINTS = ["after_export_table", "before_publish_export", "after_publish_export"]


def days(target):
    if target.suffix == ".duckdb":
        with duckdb.connect(str(target), read_only=True) as connection:
            return connection.execute("SELECT day(sales_date) FROM gold.sales_daily").fetchall()
    return [(day.day,) for day in pq.read_table(target / "gold/sales_daily.parquet").column("sales_date").to_pylist()]


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("out", "before_publish_export"),
        pytest.param("out", "after_export_table", marks=pytest.mark.slow),
        pytest.param("out", "after_publish_export", marks=pytest.mark.slow),
        *[pytest.param("out.duckdb", point, marks=pytest.mark.slow) for point in POINTS],
    ],
)
def test_a_killed_export_leaves_the_one_before_it_or_itself_whole(lake, tmp_path, name, point):
    target = tmp_path / name
    export_tables(lake, parse_target(str(target)))
    lake.run({SALES: [sale(7)]})

    killed = subprocess.run([sys.executable, SCRIPT, lake.folder, target, point], check=False)

    assert killed.returncode == KILLED
    assert days(target) == ([(7,)] if point == "after_publish_export" else [(1,), (2,)])
    export_tables(lake, parse_target(str(target)))
    assert days(target) == [(7,)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake", name]
