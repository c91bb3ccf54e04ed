from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from shoplake.simulate.calendar import Calendar
from shoplake.simulate.realistic import RealisticGroundTruth, generate_realistic
from shoplake.simulate.realistic.options import DEFAULT_FEATURES, Options
from shoplake.simulate.realistic.story import World, build_world

ARGUMENTS = {"orders": 900, "customers": 220, "products": 60, "days": 40, "starts_on": date(2026, 3, 10)}


class Landing:
    """A generated landing folder, and DuckDB to query it."""

    def __init__(self, folder: Path, ground_truth: RealisticGroundTruth) -> None:
        self.folder, self.ground_truth = folder, ground_truth
        self.duckdb = duckdb.connect()
        self.duckdb.execute(TABLES.replace("FOLDER", str(folder)))

    def rows(self, sql: str) -> list[tuple]:
        return self.duckdb.execute(sql).fetchall()

    def value(self, sql: str) -> object:
        [[value]] = self.rows(sql)
        return value


TABLES = """
SET TimeZone = 'UTC';
CREATE TABLE events AS
SELECT *, event_ts::TIMESTAMPTZ AS event_at, filename
FROM read_json('FOLDER/events/*.json', format='newline_delimited', auto_detect=false, filename=true, columns={
    event_id: 'VARCHAR', event_ts: 'VARCHAR', event_name: 'VARCHAR', user_id: 'VARCHAR', anonymous_id: 'VARCHAR',
    product_id: 'VARCHAR', price: 'DECIMAL(18,4)', quantity: 'INTEGER', order_id: 'VARCHAR', user_agent: 'VARCHAR',
    session_id: 'VARCHAR', currency: 'VARCHAR', device: 'VARCHAR', utm_source: 'VARCHAR', utm_medium: 'VARCHAR',
    utm_campaign: 'VARCHAR'});
CREATE TABLE order_versions AS
SELECT *, timezone('Europe/London', ordered_at::TIMESTAMPTZ)::DATE AS order_date
FROM read_json('FOLDER/orders/*.json', format='newline_delimited', auto_detect=false, columns={
    order_id: 'VARCHAR', ordered_at: 'VARCHAR', customer_id: 'VARCHAR', country: 'VARCHAR', currency: 'VARCHAR',
    discount: 'DECIMAL(18,4)', shipping: 'DECIMAL(18,4)', status: 'VARCHAR', updated_at: 'VARCHAR',
    lines: 'STRUCT(line_number INTEGER, product_id VARCHAR, quantity INTEGER, unit_price DECIMAL(18,4))[]',
    payments: 'STRUCT(payment_id VARCHAR, method VARCHAR, amount DECIMAL(18,4), status VARCHAR)[]'});
CREATE TABLE orders AS
SELECT *, list_sum([line.quantity * line.unit_price FOR line IN lines]) AS gross,
    coalesce(list_sum([each.amount FOR each IN payments IF each.status = 'paid']), 0) AS paid
FROM order_versions QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY updated_at DESC) = 1;
CREATE TABLE first_orders AS SELECT *
FROM order_versions QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY updated_at) = 1;
CREATE TABLE refunds AS
SELECT *, timezone('Europe/London', refunded_at::TIMESTAMPTZ)::DATE AS refund_date,
    list_sum([line.quantity * line.unit_price FOR line IN lines]) AS goods
FROM read_json('FOLDER/refunds/*.json', format='newline_delimited', auto_detect=false, columns={
    refund_id: 'VARCHAR', order_id: 'VARCHAR', customer_id: 'VARCHAR', refunded_at: 'VARCHAR', currency: 'VARCHAR',
    payment_id: 'VARCHAR', amount: 'DECIMAL(18,4)',
    lines: 'STRUCT(line_number INTEGER, product_id VARCHAR, quantity INTEGER, unit_price DECIMAL(18,4))[]'});
CREATE TABLE customers AS SELECT * FROM read_csv('FOLDER/customers/*.csv', header=true, auto_detect=false,
    quote='"', escape='"', delim=',', columns={'customer_id': 'VARCHAR', 'signup_date': 'DATE', 'location': 'VARCHAR',
    'email': 'VARCHAR', 'phone': 'VARCHAR', 'updated_at': 'TIMESTAMPTZ'}, filename=true);
CREATE TABLE products AS SELECT * FROM read_parquet('FOLDER/products/*.parquet', filename=true);
CREATE VIEW true_customers AS SELECT * FROM read_parquet('FOLDER/ground_truth/customers.parquet');
CREATE VIEW true_orders AS SELECT * FROM read_parquet('FOLDER/ground_truth/orders.parquet');
CREATE VIEW true_events AS SELECT * FROM read_parquet('FOLDER/ground_truth/events.parquet');
CREATE VIEW true_refunds AS SELECT * FROM read_parquet('FOLDER/ground_truth/refunds.parquet');
"""


@pytest.fixture(scope="session")
def realistic(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Landing]:
    """Generate a shop; equal arguments are generated once."""
    cache: dict[str, Landing] = {}

    def make(**arguments) -> Landing:
        name = repr(sorted(arguments.items()))
        if name not in cache:
            folder = tmp_path_factory.mktemp("realistic")
            cache[name] = Landing(folder, generate_realistic(folder, **(ARGUMENTS | arguments)))
        return cache[name]

    return make


@pytest.fixture(scope="session")
def shop(realistic: Callable[..., Landing]) -> Iterator[Landing]:
    """A shop with all features but anomalies."""
    return realistic(features=sorted({*DEFAULT_FEATURES} - {"anomalies"}))


@pytest.fixture(scope="session")
def options() -> Callable[..., Options]:
    def make(**arguments) -> Options:
        given = ARGUMENTS | {"seed": 7, "events": 9_000, "timezone": "Europe/London", "currency": "GBP"} | arguments
        return Options(**({"features": frozenset(DEFAULT_FEATURES)} | given))

    return make


@pytest.fixture(scope="session")
def world(options: Callable[..., Options]) -> World:
    return build_world(options())


@pytest.fixture(scope="session")
def calendar(options: Callable[..., Options]) -> Calendar:
    return Calendar(options().shop())
