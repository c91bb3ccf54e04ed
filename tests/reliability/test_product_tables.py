"""Product tables against SQL in DuckDB, on a generated shop and on real orders, and however their files arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from shoplake.simulate import generate

from .lakes import bring, content, difference, lake_at, partitions, raw_files, read, same_files

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
TABLES = ("product_affinity", "product_returns", "price_changes", "stockout_days")
DAILY = {
    "product_pairs_daily": "basket_date",
    "product_baskets_daily": "basket_date",
    "product_sequences_daily": "event_date",
}
"""Tables by day, and the column of the day."""
COMPARED = [f"gold/{name}" for name in (*TABLES, *DAILY)]
BUILT = (*TABLES, "product_sequences_daily", "customers")
"""What a lake of these files needs."""
SHOP = {"events": 6_000, "customers": 80, "products": 25, "days": 6}
BASKETS = """
CREATE TABLE baskets AS
SELECT DISTINCT 'basket' AS unit, order_date AS on_date, order_id AS id, product_id FROM order_lines
WHERE kind = 'sale' AND line_class = 'goods' AND status IS DISTINCT FROM 'cancelled'
UNION ALL
SELECT DISTINCT 'session', e.event_date, s.session_id, e.product_id FROM events e JOIN sessions s
ON e.visitor_id = s.visitor_id AND e.event_at BETWEEN s.started_at AND s.ended_at
WHERE e.event_name = 'product_view' AND e.product_id IS NOT NULL AND NOT s.is_bot;
CREATE TABLE sampled AS SELECT * FROM baskets
QUALIFY row_number() OVER (PARTITION BY unit, on_date, id ORDER BY md5(concat(CASE unit WHEN 'basket' THEN 'order '
    ELSE 'session ' END, id, product_id)), product_id) <= 100;
CREATE TABLE pairs AS SELECT a.unit, a.on_date, a.product_id AS a, b.product_id AS b, count(*) AS together
FROM sampled a JOIN sampled b ON a.unit = b.unit AND a.on_date = b.on_date AND a.id = b.id
AND a.product_id < b.product_id GROUP BY ALL;
CREATE TABLE single AS SELECT unit, product_id, count(*) AS n FROM sampled GROUP BY ALL;
CREATE TABLE whole AS SELECT unit, count(*) AS n FROM (SELECT DISTINCT unit, on_date, id FROM sampled) GROUP BY ALL;
"""
AFFINITY = """
WITH counts AS (SELECT unit, a, b, sum(together)::DOUBLE AS k, any_value(x.n)::DOUBLE AS n_a, any_value(y.n)::DOUBLE
    AS n_b, any_value(whole.n)::DOUBLE AS n FROM pairs JOIN single x USING (unit) JOIN single y USING (unit)
    JOIN whole USING (unit) WHERE x.product_id = a AND y.product_id = b GROUP BY ALL),
cells AS (SELECT *, unnest([[k, n_a, n_b], [n_a - k, n_a, n - n_b], [n_b - k, n - n_a, n_b],
    [n - n_a - n_b + k, n - n_a, n - n_b]]) AS c FROM counts)
SELECT unit, a, b, k::BIGINT, n_a::BIGINT, n_b::BIGINT, n::BIGINT,
    2 * sum(CASE WHEN c[1] > 0 THEN c[1] * ln(c[1] * n / (c[2] * c[3])) ELSE 0 END) AS llr
FROM cells WHERE k >= 5 GROUP BY ALL HAVING llr >= 10.83 ORDER BY ALL
"""


def silver_of(lake: Path) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    for name in ("order_lines", "events", "sessions"):
        database.register(name, read(lake, f"silver/{name}"))
    database.execute(BASKETS)
    return database


def check_pairs(lake: Path) -> int:
    with silver_of(lake) as database:
        database.register("built", read(lake, "gold/product_pairs_daily"))
        built = "SELECT unit, basket_date, product_a, product_b, together FROM built ORDER BY ALL"
        rows = database.execute(built).fetchall()
        assert rows == database.execute("SELECT * FROM pairs ORDER BY ALL").fetchall()
        return len(rows)


def check_affinity(lake: Path) -> int:
    with silver_of(lake) as database:
        database.register("built", read(lake, "gold/product_affinity"))
        counts = "together, baskets_a, baskets_b, baskets"
        built = f"SELECT unit, product_a, product_b, {counts}, llr FROM built ORDER BY ALL"
        rows = database.execute(built).fetchall()
        expected = database.execute(AFFINITY).fetchall()
        assert [row[:-1] for row in rows] == [row[:-1] for row in expected]
        assert [row[-1] for row in rows] == pytest.approx([row[-1] for row in expected], abs=1e-5)
        return len(rows)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a generated shop, and of the lake of all its files at once."""
    folder = tmp_path_factory.mktemp("product_tables")
    generate(folder / "landing", **SHOP)
    lake_at(folder / "lake", folder / "landing", tables=BUILT).run()
    return folder


def test_pairs_of_orders_and_sessions_are_those_of_the_silver_tables(shop):
    assert check_pairs(shop / "lake") > 0


def test_products_that_are_drawn_independently_have_hardly_any_affinity(shop):
    assert check_affinity(shop / "lake") <= 1


def test_files_of_a_later_day_rebuild_its_partition_and_give_the_tables_of_one_run(shop, tmp_path):
    files = raw_files(shop / "landing")
    late = [file for file in files if "2026-03-06" in file.name]
    bring(tmp_path / "landing", shop / "landing", [file for file in files if file not in late])
    lake_at(tmp_path / "lake", tmp_path / "landing", tables=BUILT).run()
    before = {name: partitions(tmp_path / "lake", f"gold/{name}", day) for name, day in DAILY.items()}
    bring(tmp_path / "landing", shop / "landing", late)
    lake_at(tmp_path / "lake", tmp_path / "landing", tables=BUILT).run()

    assert difference(content(tmp_path / "lake", COMPARED), content(shop / "lake", COMPARED)) == {}
    for name, days in before.items():
        kept = same_files(days, partitions(tmp_path / "lake", f"gold/{name}", DAILY[name]))
        assert kept >= {"2026-03-01", "2026-03-02", "2026-03-03"}


@pytest.mark.real_data
def test_real_orders_have_the_pairs_and_affinities_of_their_lines(tmp_path, real_data):
    bring(tmp_path / "landing", real_data, sorted((real_data / "online_retail").glob("2010-12-0[1-3].csv")))
    lake = lake_at(tmp_path / "lake", tmp_path / "landing" / "online_retail", "online_retail", tables=BUILT)
    lake.run()

    assert check_pairs(tmp_path / "lake") > 0
    assert check_affinity(tmp_path / "lake") > 0
