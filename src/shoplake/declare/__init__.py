"""The words a table is declared with. Plain values: reading them needs no Spark session."""

from shoplake.declare.column import Column, col
from shoplake.declare.expectation import Action, Expectation, email, expect, not_negative, one_of, plausible_time, warn
from shoplake.declare.feed import Feed, Feeds, Kind, Published, Stream
from shoplake.declare.table import SET_ASIDE, Layer, Table, table
from shoplake.declare.write import Append, History, Replace, Rework, Upsert, Write

__all__ = [
    "SET_ASIDE",
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
    "plausible_time",
    "table",
    "warn",
]
