"""A lake with the order lines and events of as many customers as wanted, drawn by hashes, and a champion of churn."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shoplake.declare import Feed
from shoplake.engine import FILES
from shoplake.feeds import ZENITH
from shoplake.lake.predictive_lake import PredictiveLake
from shoplake.ml.model_file import dump_forest, file_hash
from shoplake.pipeline.models.registry import PROMOTED, Stamp
from shoplake.project import Project
from shoplake.settings import Settings
from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sklearn.ensemble import RandomForestClassifier

    from shoplake.declare import Table

END, AS_OF = "2026-06-30", "2026-06-30"
SETTINGS = """lake = "lake"

[feeds.shop]
kind = "zenith"
path = "landing"
timezone = "Europe/London"
currency = "GBP"
"""
INACTIVE = 0.37
"""Customers whose last order is older than a year, per active one."""
WHO = "concat('C', lpad(cast(id as string), 8, '0'))"


def draw(salt: str, *columns: str) -> str:
    """Return an expression of a number from 0 to 1 that depends on columns alone."""
    return f"(pmod(xxhash64({', '.join(columns)}, '{salt}'), 1000003) / 1000003.0)"


def lines_query(customers: int) -> str:
    """Return lines of orders: of active customers two on average, one of them in the last year; goods and shipping."""
    days = (
        f"CASE WHEN id < {customers} AND o = 0 THEN cast(364 * {draw('day', 'id', 'o')} as int) "
        f"WHEN id < {customers} THEN cast(729 * {draw('day', 'id', 'o')} as int) "
        f"ELSE 366 + cast(363 * {draw('day', 'id', 'o')} as int) END"
    )
    count = f"cast(floor(-ln({draw('orders', 'id')} + 0.000001) * 1.55) as int)"
    ids = f"SELECT id FROM range({int(customers * (1 + INACTIVE))})"
    orders = f"SELECT id, o, {days} AS ago FROM (SELECT id, explode(sequence(0, {count})) AS o FROM ({ids}))"
    at = f"timestamp'{END}' - make_interval(0,0,0,ago,0,0, 80000 * {draw('time', 'id', 'o')})"
    lines = f"explode(sequence(-2, 1 + cast(2 * {draw('lines', 'id', 'o')} as int)))"
    return (
        f"SELECT id, o, l, {WHO} AS who, {at} AS at FROM (SELECT id, o, ago, {lines} AS l FROM ({orders})) "
        f"WHERE l <> 0 AND (l <> -2 OR {draw('discount', 'id', 'o')} < 0.2)"
    )


LINE_CELLS = {
    "feed": "'shop'",
    "order_id": "concat(who, '-', o)",
    "document_id": "concat(who, '-', o)",
    "line_number": "l",
    "kind": f"if(l > 0 AND {draw('kind', 'id', 'o', 'l')} < 0.03, 'return', 'sale')",
    "line_class": "case l when -1 then 'shipping' when -2 then 'discount' else 'goods' end",
    "status": f"if({draw('status', 'id', 'o')} < 0.02, 'cancelled', 'paid')",
    "ordered_at": "at",
    "order_date": "to_date(at)",
    "customer_id": "who",
    "product_id": f"if(l > 0, concat('P', cast(500 * {draw('product', 'id', 'o', 'l')} as int)), null)",
    "quantity": f"1 + cast(3 * {draw('quantity', 'id', 'o', 'l')} as int)",
    "unit_price": "10",
    "amount": "10",
    "currency": "'GBP'",
    "price_source": "'order'",
    "ingested_at": f"timestamp'{END}'",
}


def events_query(customers: int) -> str:
    """Return events of every other active customer: four and a half on average, in the last 120 days."""
    at = f"timestamp'{END}' - make_interval(0,0,0,1 + cast(120 * {draw('day', 'id', 'e div 4')} as int),0,0,0)"
    each = f"explode(sequence(0, cast(8 * {draw('events', 'id')} as int)))"
    ids = f"SELECT id, {each} AS e FROM range({customers}) WHERE id % 2 = 0"
    return f"SELECT id, e, {WHO} AS who, {at} AS at, {draw('name', 'id', 'e')} AS name FROM ({ids})"


EVENT_CELLS = {
    "feed": "'shop'",
    "event_id": "concat(who, '-e', e)",
    "event_at": "at",
    "event_date": "to_date(at)",
    "event_name": "case when name < 0.7 then 'product_view' when name < 0.8 then 'add_to_cart' else 'page_view' end",
    "visitor_id": "who",
    "customer_id": "who",
    "device": f"if({draw('device', 'id', 'e')} < 0.5, 'mobile', 'desktop')",
    "utm_source": f"if({draw('utm', 'id', 'e')} < 0.2, 'google', null)",
    "utm_medium": f"if({draw('utm', 'id', 'e')} < 0.2, 'cpc', null)",
    "is_bot": "false",
    "ingested_at": f"timestamp'{END}'",
}


def build_lake(folder: Path, customers: int, forest: RandomForestClassifier, names: Sequence[str]) -> None:
    """Write the lake below a folder, with its settings, and make the forest the champion."""
    (folder / "landing").mkdir(parents=True)
    (folder / "shoplake.toml").write_text(SETTINGS, encoding="utf-8")
    feed = Feed("shop", ZENITH, str(folder / "landing"), "Europe/London", "GBP")
    lake = PredictiveLake(Settings(str(folder / "lake"), (feed,)), project=Project())
    _write(lake, order_lines, lines_query(customers), LINE_CELLS)
    _write(lake, events, events_query(customers), EVENT_CELLS)
    lake.state.create_if_missing()
    stamp = Stamp("benchmark", datetime.fromisoformat(END).replace(tzinfo=UTC))
    lake.state.append(FILES, [{"feed": "shop", "path": "history", "state": "ingested", **stamp.to_dict()}])
    content = dump_forest(forest)
    lake.models.register(_version(names, content), content, stamp)
    lake.models.decide("churn", 1, PROMOTED, "the first", {}, stamp)


def _write(lake: PredictiveLake, table: Table[...], query: str, cells: Mapping[str, str]) -> None:
    columns = [f"cast({cells.get(each.name, 'null')} as {each.type}) AS {each.name}" for each in table.columns]
    rows = lake.engine.session.sql(f"SELECT {', '.join(columns)} FROM ({query})")
    lake.engine.create_if_missing(table)
    lake.engine.location(table).overwrite(rows, table.partition_by)


def _version(names: Sequence[str], content: bytes) -> dict[str, object]:
    calibration = {"kind": "platt", "slope": 1.0, "intercept": 0.0}
    empty = dict.fromkeys(("features_hash", "code_hash", "training_set_hash"), "")
    values: dict[str, object] = {"name": "churn", "version": 1, "sha256": file_hash(content), "size": len(content)}
    plain: dict[str, object] = {"source_versions": {}, "library_versions": {}, "metrics": {}, "parent": None}
    return values | empty | plain | {"seed": 1, "features": list(names), "params": {"calibration": calibration}}
