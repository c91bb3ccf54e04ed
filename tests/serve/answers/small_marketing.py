"""The gold tables of a small shop that sales are not added up from: attribution, reconciliation, quality and others."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests.serve.answers.small_shop import CAUSE_NAMES, MODEL_NAMES, PRODUCTS, ZERO

RUN = datetime(2026, 5, 2, 14, 0, tzinfo=UTC)


def attribution(shop):
    rows = defaultdict(lambda: ZERO)
    for touch in touches(shop):
        for model in MODEL_NAMES:
            rows[touch["order_date"], touch["currency"], model, touch["channel"]] += touch[f"revenue_{model}"]
    return [
        {"feed": "shop", "order_date": day, "currency": currency, "model": model, "channel": channel}
        | {"campaign": "(none)", "orders": 1, "revenue": revenue}
        | {"spend": Decimal("2.00") if channel == "paid_search" else None}
        for (day, currency, model, channel), revenue in rows.items()
    ]


def touches(shop):
    """One touch an order: every model credits it."""
    orders = {}
    for line in shop.lines:
        if not line["is_cancelled"]:
            names = ("feed", "order_id", "order_date", "currency", "channel")
            order = orders.setdefault(line["order_id"], {name: line[name] for name in names} | {"revenue": ZERO})
            order["revenue"] += line["net"]
    return [
        order
        | {"touch_number": 1, "touches": 1, "touched_at": RUN, "days_before": 0.0}
        | {f"weight_{model}": Decimal(1) for model in MODEL_NAMES}
        | {f"revenue_{model}": order["revenue"] for model in MODEL_NAMES}
        for order in orders.values()
    ]


def reconciliation(shop):
    """Every seventh order has shipping of 5.00 that no event shows."""
    rows = []
    for n, touch in enumerate(touches(shop)):
        extra = Decimal("5.00") if n % 7 == 0 else ZERO
        rows.append(
            {name: touch[name] for name in ("feed", "order_id", "order_date", "currency")}
            | dict.fromkeys(CAUSE_NAMES, ZERO)
            | {"event_revenue": touch["revenue"], "order_revenue": touch["revenue"] + extra, "shipping": extra}
            | dict.fromkeys(("payable", "paid", "received"), touch["revenue"] + extra)
            | {"cause": "shipping" if extra else None, "unexplained": ZERO}
        )
    return rows


def anomalies():
    return [
        {"feed": "shop", "anomaly_date": date(2026, 4, 20), "measure": "gross_sales", "currency": "GBP"}
        | {"segment": "(all)", "kind": "spike", "actual": Decimal(900), "expected": Decimal(300), "low": ZERO}
        | {"high": Decimal(500), "score": 6.2, "explained_by": "(overall)"}
    ]


def affinity():
    return [
        {"feed": "shop", "unit": "basket", "product_a": "P1", "product_b": "P2", "together": 9, "lift": 2.5}
        | {"confidence_ab": 0.4, "confidence_ba": 0.3, "support": 0.1, "lift_low": 1.4, "llr": 8.0, "rank": 1}
    ]


def recommendations():
    lists = {("together", "P1"): ("P2", "P4"), ("next", "P1"): ("P3",), ("together", "P2"): ("P1",)}
    return [
        {"feed": "shop", "kind": kind, "product_id": product, "rank": rank, "recommended_id": other}
        | {"score": 0.5 / rank, "together": 9, "lift_low": 1.4, "source": "pairs", "reason": "in one order 9 times"}
        for (kind, product), others in lists.items()
        for rank, other in enumerate(others, 1)
    ]


def customer_recommendations():
    because = {"P2": ["P3", "P1"], "P5": ["gone"], "P4": []}
    return [
        {"feed": "shop", "customer_id": "C3", "rank": rank, "product_id": name, "source": "history", "because": bought}
        for rank, (name, bought) in enumerate(because.items(), 1)
    ]


def returns(shop):
    sold, back = Counter(), Counter()
    for line in shop.lines:
        sold[line["product_id"]] += line["quantity"]
        back[line["product_id"]] += line["returned_quantity"]
    return [
        {"feed": "shop", "product_id": product, "orders": count, "units_sold": count, "units_returned": back[product]}
        | {"return_rate": back[product] / count, "rate_low": 0.01, "rate_high": 0.5}
        for product, count in sold.items()
    ]


def stock_outs():
    return [
        {"feed": "shop", "product_id": "P3", "stockout_date": date(2026, 4, 3 + n), "started_on": date(2026, 4, 3)}
        | {"is_whole_day": True, "views": 4, "units": 0, "usual_units": 1.5}
        for n in range(3)
    ]


def products():
    return [
        {"feed": "shop", "product_id": product, "product_name": name, "category": category, "is_current": True}
        for product, (name, category) in PRODUCTS.items()
    ]


def versions(shop):
    return [
        {"feed": "shop", "customer_id": name, "location": "Leeds", "email": f"{name}@mail.example", "is_current": True}
        | {"valid_from": datetime(2026, 3, 1, tzinfo=UTC), "phone": "+44 1"}
        for name in shop.customers
    ]


def quality():
    return [
        {"run_id": "r1", "table": table, "check_type": kind, "check_name": name, "rows_read": 100}
        | {"rows_written": 100 - failed, "rows_quarantined": failed, "rows_duplicate": 0, "rows_conflicting": 0}
        | {"rows_superseded": 0, "rows_failed": failed, "failed_ratio": failed / 100}
        | {"status": "WARN" if failed else "PASS", "recorded_at": RUN}
        for table, kind, name, failed in (
            ("silver.events", "table", "events", 4),
            ("silver.events", "rule", "event_name_known", 4),
            ("gold.sales_daily", "table", "sales_daily", 0),
        )
    ]


def gates():
    same = {"run_id": "r1", "table": "silver.events", "expected_low": 0.0, "expected_high": 26.0, "recorded_at": RUN}
    old = same | {"run_id": "r0", "recorded_at": RUN - timedelta(days=1)}
    return [
        old | {"gate": "fresh_event_at", "slice": "shop", "value": 99.0, "status": "warn"},
        same | {"gate": "fresh_event_at", "slice": "shop", "value": 3.0, "status": "pass"},
        same | {"gate": "rows_like_history", "slice": "shop 2026-03-01", "value": 40.5, "status": "warn"},
    ]


def measures():
    """Rows of five days, the last of which is a day with far too many, measured again by a second run."""
    same = {"table": "silver.events", "feed": "shop", "metric": "rows", "column": None, "run_id": "r1"}
    same |= {"recorded_at": RUN}
    band = {"expected": 20.0, "expected_low": 14.0, "expected_high": 26.0, "is_anomaly": False}
    days = [same | band | {"day": date(2026, 4, day), "measured": 20.0 + day} for day in range(1, 5)]
    known = {"expected": None, "expected_low": None, "expected_high": None, "is_anomaly": None}
    days[0] |= known
    last = same | band | {"day": date(2026, 4, 5), "measured": 40.5, "is_anomaly": True}
    first = last | {"measured": 1.0, "run_id": "r0", "recorded_at": RUN - timedelta(days=1)}
    nulls = same | band | {"day": date(2026, 4, 4), "metric": "nulls", "column": "customer_id", "measured": 0.25}
    return [*days, first, last, nulls]


def quarantine_reasons():
    same = {"oldest_at": RUN - timedelta(days=1), "newest_at": RUN, "table": "silver.events"}
    return [
        same | {"reason": "event_name_known", "records": 3, "examples": '"vew" in events/a.json:7; events/a.json:9'},
        same | {"reason": "quantity_fits_type", "records": 12, "examples": '"two" in events/a.json:3'},
        same | {"table": "silver.orders", "reason": "amount_not_negative", "records": 1, "examples": "o.json:1"},
    ]


def incidents():
    same = {"kind": "gate", "table": "silver.events", "check_name": "rows_like_history", "count": 1}
    rows = [
        ("i1", "opened", 1),
        ("i1", "acknowledged", 2),
        ("i1", "reminded", 3),
        ("i2", "opened", 1),
        ("i2", "resolved", 2),
    ]
    return [
        same
        | {
            "incident_id": id,
            "event": event,
            "summary": f"{id} breaks a_rule.",
            "recorded_at": RUN + timedelta(minutes=at),
        }
        for id, event, at in rows
    ]


def runs():
    return [
        {"run_id": "r1", "table": table, "rows_read": 100, "rows_written": 96, "rows_quarantined": 4}
        | {"rows_total": 96, "version": 3, "duration_s": 0.5, "run_started_at": RUN}
        for table in ("silver.events", "gold.sales_daily")
    ]
