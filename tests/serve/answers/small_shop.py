"""A small shop in memory: orders, visits and carts made by plain Python, and the gold tables added up from them."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

import duckdb
import pyarrow as pa

from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.serve.answers.marketing import MODELS
from shoplake.serve.answers.money import TO_ORDERS, TO_PAYMENTS
from tests.serve.answers.small_models import ALIAS_COLUMNS, MODEL_COLUMNS

FIRST, LAST = date(2026, 3, 1), date(2026, 5, 2)
COUNTRIES, CHANNELS, DEVICES = ("GB", "DE", "FR"), ("direct", "email", "paid_search"), ("desktop", "mobile")
PRODUCTS = {f"P{n}": (f"Lamp {n}", "Garden" if n % 2 else "Living Room") for n in range(1, 13)}
STEPS = ("page_view", "product_view", "add_to_cart", "checkout_started", "purchase")
ZERO = Decimal("0.00")
OPS = {
    "ops.models": MODEL_COLUMNS,
    "ops.model_aliases": ALIAS_COLUMNS,
    "ops.quality": 'run_id VARCHAR, "table" VARCHAR, check_type VARCHAR, check_name VARCHAR, rows_read BIGINT, '
    "rows_written BIGINT, rows_quarantined BIGINT, rows_duplicate BIGINT, rows_conflicting BIGINT, "
    "rows_superseded BIGINT, rows_failed BIGINT, failed_ratio DOUBLE, status VARCHAR, recorded_at TIMESTAMPTZ",
    "ops.gates": 'run_id VARCHAR, "table" VARCHAR, gate VARCHAR, slice VARCHAR, value DOUBLE, expected_low DOUBLE, '
    "expected_high DOUBLE, status VARCHAR, recorded_at TIMESTAMPTZ",
    "ops.metrics": 'run_id VARCHAR, "table" VARCHAR, feed VARCHAR, day DATE, metric VARCHAR, "column" VARCHAR, '
    '"value" VARCHAR, measured DOUBLE, expected DOUBLE, expected_low DOUBLE, expected_high DOUBLE, '
    "is_anomaly BOOLEAN, recorded_at TIMESTAMPTZ",
    "ops.quarantine_reasons": '"table" VARCHAR, reason VARCHAR, records BIGINT, oldest_at TIMESTAMPTZ, '
    "newest_at TIMESTAMPTZ, examples VARCHAR",
    "ops.incidents": 'incident_id VARCHAR, event VARCHAR, kind VARCHAR, "table" VARCHAR, check_name VARCHAR, '
    '"count" BIGINT, summary VARCHAR, recorded_at TIMESTAMPTZ',
    "ops.table_runs": 'run_id VARCHAR, "table" VARCHAR, rows_read BIGINT, rows_written BIGINT, '
    "rows_quarantined BIGINT, rows_total BIGINT, version BIGINT, duration_s DOUBLE, run_started_at TIMESTAMPTZ",
}
TYPES = {"bigint": "BIGINT", "string": "VARCHAR", "timestamp": "TIMESTAMPTZ", "int": "INTEGER"}
REASONS = "STRUCT(feature VARCHAR, value DOUBLE, contribution DOUBLE, text VARCHAR)[]"
RETURNS = "STRUCT(return_date DATE, quantity INTEGER, amount DECIMAL(18,4), tax DECIMAL(18,4))[]"


@cache
def catalog():
    return Catalog.from_package(tables)


class MemoryGeneration:
    """A generation of the declared silver and gold tables in a DuckDB in memory, filled by `rows` of some of them."""

    def __init__(self, rows=None, id="small"):
        self.id, self.as_of = id, datetime(2026, 5, 2, 14, 30, tzinfo=UTC)
        self.tables = {t.qualified_name: t for t in catalog().values() if t.layer in ("silver", "gold")}
        self.versions = dict.fromkeys([*self.tables, *OPS], 3)
        self.connection = duckdb.connect(":memory:")
        self.connection.execute("SET TimeZone = 'UTC'; CREATE SCHEMA silver; CREATE SCHEMA gold; CREATE SCHEMA ops")
        for name, table in self.tables.items():
            columns = ", ".join(f"{each.name} {_type(each)}" for each in table.columns)
            self.connection.execute(f"CREATE TABLE {name} ({columns})")
        for name, columns in OPS.items():
            self.connection.execute(f"CREATE TABLE {name} ({columns})")
        for name, values in (rows or {}).items():
            arrow = pa.Table.from_pylist(values)  # noqa: F841, DuckDB reads it by name
            self.connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM arrow")

    def query(self, sql, parameters=()):
        return self.connection.cursor().sql(sql, params=list(parameters)).to_arrow_table()

    def stream(self, sql, parameters=()):
        return self.connection.cursor().sql(sql, params=list(parameters)).to_arrow_reader()

    async def document(self, table, key):
        return None


def _type(column):
    if column.name == "returns" and column.type.startswith("array"):
        return RETURNS
    if column.name == "churn_reasons":
        return REASONS
    if column.type == "array<string>":
        return "VARCHAR[]"
    return "VARCHAR" if "<" in column.type else TYPES.get(column.type, column.type)


class SmallShop:
    """What happened in two months; the last day is cut off. `lines`, `visits` and `carts` are dictionaries."""

    def __init__(self, seed=1):
        self.random = random.Random(seed)
        self.days = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]
        self.lines, self.visits, self.carts = [], [], []
        for day in self.days:
            self._orders(day)
            self._visits(day)
        known = sorted({line["customer_id"] for line in self.lines if line["customer_id"]})
        self.customers = {each: [line for line in self.lines if line["customer_id"] == each] for each in known}

    def _orders(self, day):
        pick = self.random
        for n in range(pick.randint(1, 5)):
            order = {
                "feed": "shop",
                "order_id": f"O{day:%m%d}{n}",
                "order_date": day,
                "ordered_at": datetime(day.year, day.month, day.day, 9 + n, tzinfo=UTC),
                "customer_id": pick.choice([None, *(f"C{c}" for c in range(25))]),
                "currency": "EUR" if pick.random() < 0.2 else "GBP",
                "country": pick.choice(COUNTRIES),
                "channel": pick.choice(CHANNELS),
                "device": pick.choice(DEVICES),
                "is_cancelled": pick.random() < 0.05,
            }
            for number, product in enumerate(pick.sample(sorted(PRODUCTS), pick.randint(1, 3)), 1):
                self.lines.append(self._line(order, number, product))

    def _line(self, order, number, product):
        pick = self.random
        quantity, price = pick.randint(1, 3), Decimal(pick.randint(500, 9000)) / 100
        discount = (quantity * price * pick.choice([0, 0, 10]) / 100).quantize(Decimal("0.01"))
        returns = []
        if pick.random() < 0.1 and not order["is_cancelled"]:
            returned = min(order["order_date"] + timedelta(pick.randint(1, 10)), LAST)
            returns = [{"return_date": returned, "quantity": 1, "amount": price, "tax": None}]
        return order | {
            "document_id": order["order_id"],
            "line_number": number,
            "kind": "sale",
            "product_id": product,
            "category": PRODUCTS[product][1],
            "top_category": PRODUCTS[product][1],
            "quantity": quantity,
            "unit_price": price,
            "gross": quantity * price,
            "discount": discount,
            "net": quantity * price - discount,
            "returns": returns,
            "returned_quantity": len(returns),
            "returned_net": sum((each["amount"] for each in returns), ZERO),
            "cost": quantity * Decimal("4.00"),
            "margin": quantity * price - discount - quantity * Decimal("4.00"),
        }

    def _visits(self, day):
        pick = self.random
        for n in range(pick.randint(10, 30)):
            reached = pick.choices(range(6), [1, 6, 10, 6, 3, 3])[0]
            at = datetime(day.year, day.month, day.day, 1 + n % 20, n, tzinfo=UTC)
            visit = {
                "feed": "shop",
                "session_id": f"S{day:%m%d}{n}",
                "visitor_id": f"V{n}",
                "customer_id": f"C{n}" if n < 25 and reached == 5 else None,
                "session_date": day,
                "started_at": at,
                "ended_at": at + timedelta(minutes=5),
                "steps_reached": reached,
                "purchases": int(reached == 5),
                "product_views": reached,
                "add_to_carts": int(reached > 2),
                "channel": pick.choice(CHANNELS),
                "device": pick.choice(DEVICES),
                "landing_page": "https://shop.example/",
                "is_bot": n == 9,
                "revenue": ZERO,
            }
            self.visits.append(visit)
            if reached > 2:
                self.carts.append(self._cart(visit))

    def _cart(self, visit):
        state = "purchased" if visit["purchases"] else self.random.choice(["abandoned", "recovered", "open"])
        return {
            "feed": "shop",
            "cart_id": f"K{visit['session_id']}",
            "visitor_id": visit["visitor_id"],
            "cart_date": visit["session_date"],
            "started_at": visit["started_at"],
            "left_at": visit["ended_at"],
            "state": state,
            "items": 2,
            "products": 1,
            "value": Decimal(self.random.randint(1000, 20000)) / 100,
            "currency": "GBP",
        }

    def sold(self, line_is=lambda line: True):
        """Sum up the lines for which `line_is` holds: net sales by (day, currency), plain Python."""
        net = defaultdict(lambda: ZERO)
        for line in self.lines:
            if line["is_cancelled"] or not line_is(line):
                continue
            net[line["order_date"], line["currency"]] += line["net"]
            for each in line["returns"]:
                net[each["return_date"], line["currency"]] -= each["amount"]
        return net

    def generation(self):
        """Return the gold tables of the shop as a generation."""
        from tests.serve.answers.small_gold import gold_tables

        return MemoryGeneration(gold_tables(self))


MODEL_NAMES, CAUSE_NAMES = MODELS, (*TO_ORDERS, *TO_PAYMENTS)
