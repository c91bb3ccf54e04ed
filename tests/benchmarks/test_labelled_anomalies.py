"""The anomalies of two years of a shop that labels its unusual days: how many are found, and how many are false."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest
from peer import duckdb_job

from shoplake.simulate.realistic import generate_realistic
from shoplake.tables.gold.watching.sales_anomalies import sales_anomalies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow
SHOP = {"orders": 110_000, "customers": 22_000, "products": 60, "events": 500_000, "days": 730, "seed": 7}
FEATURES = ("anomalies", "channels", "currencies", "products")
SCRIPTS = (
    *("setup", "bronze", *(f"silver/{name}" for name in duckdb_job.SILVER if name != "spend")),
    *(f"gold/{name}" for name in ("conversion", "performance", "orders", "watching")),
)
QUARTERS = 8
DROPS = """
WITH labelled AS (
    SELECT
        kind, first_date, last_date,
        CASE measure WHEN 'events' THEN 'sessions' ELSE measure END AS measure,
        CASE segment WHEN '' THEN '(all)' ELSE segment END AS segment
    FROM labels
    WHERE direction = 'down'
), watched AS (
    SELECT l.*, min(m.value) AS least, (
        SELECT median(before.value) FROM daily_measures AS before
        WHERE before.measure = l.measure AND before.segment = l.segment
            AND before.measure_date BETWEEN l.first_date - 28 AND l.first_date - 1
    ) AS usual
    FROM labelled AS l
    LEFT JOIN daily_measures AS m
        ON m.measure = l.measure AND m.segment = l.segment AND m.measure_date BETWEEN first_date AND last_date
    GROUP BY ALL
)
SELECT kind, EXISTS (
    FROM found AS f
    WHERE f.measure = w.measure AND f.segment = w.segment AND f.anomaly_date BETWEEN first_date AND last_date
        AND f.kind IN ('drop', 'outage')
)
FROM watched AS w
WHERE usual IS NOT NULL AND coalesce(least, 0) <= 0.7 * usual
"""
FALSE_ALARMS = """
SELECT measure, currency, count(*) FROM found
WHERE segment = '(all)'
    AND NOT EXISTS (FROM labels WHERE anomaly_date BETWEEN first_date AND last_date)
GROUP BY ALL
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> Iterator[duckdb.DuckDBPyConnection]:
    """The labels of the shop, its daily measures by the DuckDB job, and the anomalies that the table finds in them."""
    folder = tmp_path_factory.mktemp("labelled")
    generate_realistic(folder / "landing", **SHOP, features=FEATURES)
    (folder / "out").mkdir()
    settings = duckdb_job.shop_settings(folder / "landing", folder / "out", memory="3GB")
    with duckdb.connect() as connection:
        duckdb_job.run_scripts(connection, SCRIPTS, folder / "out", settings)
        measures = connection.sql("SELECT * REPLACE (measure_date::DATE AS measure_date) FROM daily_measures")
        found = sales_anomalies(spark.createDataFrame(measures.to_arrow_table())).toArrow()
        connection.register("found", found)
        labels = folder / "landing" / "ground_truth" / "anomalies.parquet"
        connection.execute(f"CREATE VIEW labels AS FROM read_parquet('{labels}')")
        yield connection


def test_nine_of_ten_drops_by_three_tenths_or_more_are_found(shop: duckdb.DuckDBPyConnection):
    is_found = dict(shop.execute(DROPS).fetchall())

    assert len(is_found) >= 6
    assert sum(is_found.values()) >= 0.9 * len(is_found), is_found


def test_a_measure_has_at_most_one_false_alarm_a_quarter(shop: duckdb.DuckDBPyConnection):
    alarms = {(measure, currency): count for measure, currency, count in shop.execute(FALSE_ALARMS).fetchall()}

    assert {series: count for series, count in alarms.items() if count > QUARTERS} == {}
