"""A lake of two gold tables and one of silver, written as Delta tables without an engine, run by run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pyarrow as pa
from deltalake import write_deltalake

from shoplake.declare import Replace, col
from shoplake.declare.table import Table
from shoplake.engine import CHECKSUMS, RUN_MARKER, StateStore, table_version, to_micros
from shoplake.engine.storage.delta_log import arrow_schema
from shoplake.settings.serve_settings import ServeSettings

STARTED = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
FEED = col("feed", "string", "Which shop")


def gold(name, doc, key, *columns):
    return Table(lambda: None, "gold", (FEED, *columns), Replace(), ("feed", key), _name=name, _doc=doc)


SALES = gold(
    "sales_daily",
    "One row per feed and day: net sales.",
    "sales_date",
    col("sales_date", "date", "The day"),
    col("net_sales", "decimal(18,2)", "Net sales", unit="currency"),
    col("note", "string", "A note"),
)
CUSTOMERS = gold(
    "customer_360",
    "One row per feed and customer.",
    "customer_id",
    col("customer_id", "string", "Which customer"),
    col("orders", "bigint", "Orders", unit="orders"),
    col("p_alive", "double", "Probability"),
    col("email", "string", "Where to write to", personal="email"),
    col("seen_at", "timestamp", "Last seen", unit="UTC"),
)
TABLES = (SALES, CUSTOMERS)


def sale(day, net, note=None):
    return {"feed": "shop", "sales_date": date(2026, 3, day), "net_sales": Decimal(net), "note": note}


def customer(id, orders=1, **values):
    row = {"feed": "shop", "customer_id": id, "orders": orders, "p_alive": 0.5, "email": f"{id}@example.org"}
    return row | {"seen_at": STARTED} | values


class SmallLake:
    """What a build reads of a lake. `write` writes tables; `finish` records them as one run."""

    def __init__(self, folder, name="lake", runs="run"):
        lake = str(folder / name)
        self.state = StateStore(lake)
        self.state.create_if_missing()
        self.settings = SimpleNamespace(lake=lake, serve=ServeSettings(folder=str(folder / ".shoplake")))
        self.catalog = SimpleNamespace(ordered=TABLES)
        self._runs, self._run_name = 0, runs
        self.quarantine_version, self.reasons, self.asked = 0, [], 0

    def quarantine_examples(self):
        self.asked += 1
        return self.reasons

    def path(self, name):
        return f"{self.settings.lake}/{name.replace('.', '/')}"

    def write(self, table, *rows):
        data = pa.Table.from_pylist(list(rows), schema=arrow_schema(table))
        write_deltalake(self.path(table.qualified_name), data, mode="overwrite")

    def record(self, *tables):
        self._runs += 1
        at = STARTED + timedelta(hours=self._runs)
        names = [table.qualified_name for table in tables]
        rows = [{"run_id": f"{self._run_name}-{self._runs}", "table": name, "run_started_at": at} for name in names]
        versions = [{"version": table_version(self.path(name)), "rows_total": 1} for name in names]
        self.state.append_results([row | version for row, version in zip(rows, versions, strict=True)], at)
        return at

    def finish(self, *tables):
        at = self.record(*tables)
        self.state.append(CHECKSUMS, [], {RUN_MARKER: to_micros(at)})
        return at

    def run(self, sales=None, customers=None):
        written = [(table, rows) for table, rows in ((SALES, sales), (CUSTOMERS, customers)) if rows is not None]
        for table, rows in written:
            self.write(table, *rows)
        return self.finish(*(table for table, _ in written))
