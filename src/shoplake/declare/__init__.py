"""The words a table is declared with. Plain values: reading them needs no Spark session."""

from shoplake.declare.column import Column, col
from shoplake.declare.expectation import (
    Action,
    Expectation,
    email,
    expect,
    not_negative,
    one_of,
    operation,
    plausible_time,
    warn,
)
from shoplake.declare.feed import Feed, Feeds, Kind, Published, Stream
from shoplake.declare.table import ARRIVAL, SET_ASIDE, VALIDITY, Layer, Table, table
from shoplake.declare.write_mode import Append, History, Replace, Rework, Upsert, Write

__all__ = [
    "ARRIVAL",
    "SET_ASIDE",
    "VALIDITY",
    "Action",
    "Append",
    "Column",
    "Expectation",
    "Feed",
    "Feeds",
    "History",
    "Kind",
    "Layer",
    "Published",
    "Replace",
    "Rework",
    "Stream",
    "Table",
    "Upsert",
    "Write",
    "col",
    "email",
    "expect",
    "not_negative",
    "one_of",
    "operation",
    "plausible_time",
    "table",
    "warn",
]
