"""A lake with the orders of simulated customers, on which churn models are trained."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from shoplake.declare import Feed
from shoplake.engine import DeltaEngine, StateStore
from shoplake.feeds import ZENITH
from shoplake.pipeline.models.churn_tables import ChurnLake, ChurnTables
from shoplake.pipeline.models.registry import ModelRegistry
from shoplake.pipeline.models.training import ChurnTraining
from shoplake.settings import Settings
from shoplake.tables.gold.predictions.churn_features import churn_features
from shoplake.tables.gold.predictions.churn_scores import churn_scores
from shoplake.tables.gold.predictions.churn_training_sets import churn_training_sets
from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines

START, DAYS = date(2025, 1, 1), 420
LINES = replace(order_lines, partition_by=())
TABLES = ChurnTables(LINES, replace(events, partition_by=()), churn_features, churn_training_sets, churn_scores)


def order_rows(customers=500, seed=3):
    """Goods sales of customers who order at their rate and drop out by MBG/NBD, as tuples of customer and time."""
    rng = np.random.default_rng(seed)
    for customer in range(customers):
        rate, leave, at = rng.gamma(2.0, 1 / 40), rng.beta(1.0, 4.0), rng.uniform(0, DAYS)
        while at < DAYS:
            yield f"c{customer:04}", datetime(START.year, 1, 1, tzinfo=UTC) + timedelta(days=float(at))
            if rng.random() < leave:
                break
            at += rng.exponential(1 / rate)


class SampleChurnLake:
    """A lake whose order lines are there; what commands write is written into it."""

    def __init__(self, session, folder, customers=500):
        self.engine = DeltaEngine(session, str(folder / "lake"))
        self.state = StateStore(str(folder / "lake"))
        self.settings = Settings(str(folder / "lake"), (Feed("shop", ZENITH, str(folder), "UTC", "GBP"),))
        self.registry = ModelRegistry(self.state)
        self.lake = ChurnLake(self.engine, self.state, self.settings, TABLES)
        self.engine.create_if_missing(TABLES.order_lines)
        self.engine.create_if_missing(TABLES.events)
        self.write_orders(order_rows(customers))

    def write_orders(self, rows, ingested_at=datetime(2025, 1, 1, tzinfo=UTC), feed="shop"):
        """Append goods sales; they were ingested as they happened. The settings get to know their feed."""
        known = {each.name: each for each in self.settings.feeds}
        feeds = {feed: replace(known["shop"], name=feed)} | known
        self.settings = self.lake.settings = replace(self.settings, feeds=tuple(feeds.values()))
        cells = {
            "feed": feed,
            "kind": "sale",
            "line_class": "goods",
            "quantity": 1,
            "product_id": "p",
            "status": "paid",
        }
        names = [column.name for column in LINES.columns]
        lines = [
            cells | {"customer_id": who, "ordered_at": at, "order_date": at.date(), "ingested_at": ingested_at}
            for who, at in rows
        ]
        schema = ", ".join(f"{column.name} {column.type}" for column in LINES.columns)
        rows = self.engine.session.createDataFrame([tuple(line.get(name) for name in names) for line in lines], schema)
        old = self.engine.read(LINES)
        self.engine.location(LINES).overwrite(rows if old.isEmpty() else old.unionAll(rows), ())

    def training(self, trees=8):
        """Return the commands, with small forests."""
        return ChurnTraining(self.lake, self.registry, trees=trees, rounds=40)


def settings_file(folder):
    """Write the settings of the sample lake in a folder, for the command line."""
    path = folder / "shoplake.toml"
    feed = f'[feeds.shop]\nkind = "zenith"\npath = "{folder}"\ntimezone = "UTC"\ncurrency = "GBP"\n'
    path.write_text(f'lake = "{folder / "lake"}"\n{feed}', encoding="utf-8")
    return path
