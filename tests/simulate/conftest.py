from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from shoplake.simulate import GroundTruth, generate

# Nine days around the British change to summer time on 2026-03-29, with two snapshots.
SMALL = {"customers": 300, "products": 200, "days": 9, "starts_on": date(2026, 3, 24)}


class Landing:
    """A generated landing folder, and DuckDB to query it."""

    def __init__(self, folder: Path, ground_truth: GroundTruth) -> None:
        self.folder, self.ground_truth = folder, ground_truth
        self.duckdb = duckdb.connect()

    def rows(self, sql: str) -> list[tuple]:
        return self.duckdb.execute(sql).fetchall()

    def column(self, sql: str) -> dict:
        return dict(self.rows(sql))

    def lines(self, stream: str) -> dict[str, list[str]]:
        return {path.name: path.read_text().splitlines() for path in sorted((self.folder / stream).iterdir())}


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Landing]:
    def make(**arguments) -> Landing:
        folder = tmp_path_factory.mktemp("landing")
        return Landing(folder, generate(folder, **(SMALL | arguments)))

    return make


LOCAL_DATE = "strftime(timezone('Europe/London', {}::TIMESTAMPTZ), '%Y-%m-%d')"

TABLES = f"""
CREATE TABLE events AS
SELECT *, event_ts::TIMESTAMPTZ AS event_at, {LOCAL_DATE.format("event_ts")} AS event_date,
    coalesce(user_id, anonymous_id) AS visitor_id, regexp_matches(user_agent, '(?i)bot') AS is_bot
FROM read_json('FOLDER/events/*.json', format='newline_delimited', auto_detect=false, columns={{
    event_id: 'VARCHAR', event_ts: 'VARCHAR', event_name: 'VARCHAR', user_id: 'VARCHAR', anonymous_id: 'VARCHAR',
    product_id: 'VARCHAR', price: 'DECIMAL(18,2)', quantity: 'INTEGER', order_id: 'VARCHAR', user_agent: 'VARCHAR',
    session_id: 'VARCHAR'}});
CREATE TABLE orders AS SELECT *, {LOCAL_DATE.format("ordered_at")} AS order_date
FROM read_json('FOLDER/orders/*.json', format='newline_delimited', auto_detect=false, columns={{
    order_id: 'VARCHAR', ordered_at: 'VARCHAR', customer_id: 'VARCHAR', discount: 'DECIMAL(18,2)',
    shipping: 'DECIMAL(18,2)',
    lines: 'STRUCT(line_number INTEGER, product_id VARCHAR, quantity INTEGER, unit_price DECIMAL(18,2))[]',
    payments: 'STRUCT(payment_id VARCHAR, amount DECIMAL(18,2), status VARCHAR)[]'}});
CREATE TABLE order_lines AS SELECT order_id, order_date, unnest(lines, recursive := true) FROM orders;
CREATE TABLE refunds AS SELECT *, {LOCAL_DATE.format("refunded_at")} AS refund_date
FROM read_json('FOLDER/refunds/*.json', format='newline_delimited', auto_detect=false, columns={{
    refund_id: 'VARCHAR', order_id: 'VARCHAR', refunded_at: 'VARCHAR', amount: 'DECIMAL(18,2)'}});
CREATE TABLE customers AS SELECT * FROM read_csv('FOLDER/customers/*.csv', header=true, auto_detect=false,
    quote='"', escape='"', delim=',', columns={{customer_id: 'VARCHAR', signup_date: 'DATE', location: 'VARCHAR',
    email: 'VARCHAR', phone: 'VARCHAR', updated_at: 'TIMESTAMPTZ'}}, filename=true);
CREATE TABLE products AS SELECT * FROM read_parquet('FOLDER/products/*.parquet', filename=true);
CREATE TABLE event_gaps AS
SELECT visitor_id, event_at, event_date, is_bot, session_id, event_at - lag(event_at) OVER by_time AS pause,
    pause IS NULL OR pause > INTERVAL 30 MINUTE AS is_start
FROM events WINDOW by_time AS (PARTITION BY visitor_id ORDER BY event_at);
"""


@pytest.fixture(scope="session")
def clean(generated: Callable[..., Landing]) -> Iterator[Landing]:
    landing = generated(events=30_000)
    landing.duckdb.execute(TABLES.replace("FOLDER", str(landing.folder)))
    yield landing
    landing.duckdb.close()


@pytest.fixture(scope="session")
def faulty(generated: Callable[..., Landing]) -> Landing:
    return generated(events=30_000, error_rate=0.05)
