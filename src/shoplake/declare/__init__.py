"""The values that tables and feeds are declared with. They need no Spark session."""

from shoplake.declare.column import VALIDITY, Column, col
from shoplake.declare.expectation import (
    Action,
    Expectation,
    all_digits,
    currency_code,
    email,
    expect,
    not_negative,
    one_of,
    operation,
    plausible_time,
    warn,
)
from shoplake.declare.extension import Extension, extend
from shoplake.declare.feature import Feature, feature
from shoplake.declare.gate import (
    Gate,
    agrees,
    fresh,
    nulls_like_history,
    references,
    rows_like_history,
    shares_like_history,
    slo,
    unique,
)
from shoplake.declare.kinds.feed import Feed, FeedKind, Feeds, PublishedFile
from shoplake.declare.kinds.stream import Stream
from shoplake.declare.metric import Metric, MetricView
from shoplake.declare.modes.document_mode import ReplaceDocuments
from shoplake.declare.modes.on_demand import OnDemand
from shoplake.declare.modes.rebuild_keys import KeyFinder, RebuildKeys
from shoplake.declare.modes.replace_mode import Replace
from shoplake.declare.modes.row_split import RowSplit
from shoplake.declare.modes.write_mode import Append, Scd2, SessionWindow, Upsert, WriteMode
from shoplake.declare.table import CHANGELOG_COLUMNS, LAYERS, QUARANTINE_COLUMNS, Layer, Table, stored_table, table
from shoplake.declare.tie import Tie

__all__ = [
    "CHANGELOG_COLUMNS",
    "LAYERS",
    "QUARANTINE_COLUMNS",
    "VALIDITY",
    "Action",
    "Append",
    "Column",
    "Expectation",
    "Extension",
    "Feature",
    "Feed",
    "FeedKind",
    "Feeds",
    "Gate",
    "KeyFinder",
    "Layer",
    "Metric",
    "MetricView",
    "OnDemand",
    "PublishedFile",
    "RebuildKeys",
    "Replace",
    "ReplaceDocuments",
    "RowSplit",
    "Scd2",
    "SessionWindow",
    "Stream",
    "Table",
    "Tie",
    "Upsert",
    "WriteMode",
    "agrees",
    "all_digits",
    "col",
    "currency_code",
    "email",
    "expect",
    "extend",
    "feature",
    "fresh",
    "not_negative",
    "nulls_like_history",
    "one_of",
    "operation",
    "plausible_time",
    "references",
    "rows_like_history",
    "shares_like_history",
    "slo",
    "stored_table",
    "table",
    "unique",
    "warn",
]
