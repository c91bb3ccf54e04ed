"""A sample history, a lake that ingests its changes, and a loop that knows what comes of them."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from pyspark.sql import functions as F
from sample_tables import FEED, rows_of

from shoplake.declare import VALIDITY, Scd2, col, table
from shoplake.engine.write.delta_engine import DeltaEngine

FACTS = (
    FEED,
    col("thing", "string", "Which thing", required=True),
    col("name", "string", "Its name"),
    col("price", "int", "What it costs", unit="currency"),
)
CHANGES = (
    *FACTS,
    col("changed_at", "timestamp", "Since when", unit="UTC", required=True),
    col("operation", "string", "What became of it"),
    col("sequence", "bigint", "Its number", unit="changes"),
    col("sets", "array<string>", "The columns it says"),
)
SCHEMA = ", ".join(f"{each.name} {each.type}" for each in CHANGES)
RECORD = F.expr(
    "named_struct('raw', '', 'file', 'f', 'line', 1L, 'batch_id', 'b', 'ingested_at', now(), 'problem', string(null))"
)
START = datetime(2026, 1, 30, tzinfo=UTC)
WRITE = Scd2("changed_at", operation="operation", sequence_by="sequence", changed_columns="sets")


@table(
    "silver",
    key=["feed", "thing", "valid_from"],
    write=WRITE,
    partition_by=["valid_to_month"],
    change_columns=CHANGES,
    columns=(*FACTS, *VALIDITY),
)
def things(things_raw):
    """One row per version of a thing."""
    return things_raw


def oracle(changes):
    """The versions `(thing, from, to, name, price)` that a loop over all changes of each thing makes."""
    by_thing, made = defaultdict(list), []
    for change in set(changes):
        by_thing[change[0]].append(change)
    for thing, reported in by_thing.items():
        state, begun = None, None
        for at, same in itertools.groupby(sorted(reported, key=turn), key=lambda change: change[1]):
            before = state
            for _, _, name, price, operation, _, sets in same:
                output = {"name": name, "price": price}
                kept = {} if state is None or sets is None else {n: v for n, v in state.items() if n not in sets}
                mine = output if sets is None else {n: v for n, v in output.items() if n in sets}
                state = None if operation == "delete" else {"name": None, "price": None} | kept | mine
            if state != before:
                made += [(thing, begun, at, *before.values())] if before else []
                begun = at
        made += [(thing, begun, None, *state.values())] if state else []
    return sorted(made, key=str)


def turn(change):
    """What decides the order of changes: their moment, number, kind, and their values as text."""
    _, at, name, price, operation, sequence, sets = change
    texts = [(value is not None, str(value)) for value in (name, price)]
    return at, -1 if sequence is None else sequence, operation == "delete", sets is not None, texts


class Lake:
    """A table of versions that ingests changes `(thing, day, name, price, operation, sequence, sets)`."""

    def __init__(self, spark, folder):
        self._spark, self.engine = spark, DeltaEngine(spark, str(folder))
        self.engine.create_if_missing(things)

    def take(self, *changes, action=None, write=None):
        rows = [
            ("shop", thing, name, price, START + timedelta(days=day), operation, sequence, sets and list(sets))
            for thing, day, name, price, operation, sequence, sets in changes
        ]
        rows = self._spark.createDataFrame(rows, SCHEMA).withColumn("_source", RECORD)
        return (write or self.engine.write)(things, rows, action)

    def versions(self):
        found = rows_of(self.engine, things, "thing", "valid_from", "valid_to", "name", "price")
        days = [(thing, day(start), end and day(end), *facts) for thing, start, end, *facts in found]
        return sorted(days, key=str)


def day(at):
    return (at - START).days
