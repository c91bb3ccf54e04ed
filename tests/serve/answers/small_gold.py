"""The gold tables of a small shop, added up in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests.serve.answers.small_shop import CAUSE_NAMES, LAST, MODEL_NAMES, PRODUCTS, STEPS, ZERO

MEASURES = {"units_sold": 0, "gross_sales": ZERO, "discounts": ZERO, "returns": ZERO, "cost": ZERO, "margin": ZERO}
RUN = datetime(2026, 5, 2, 14, 0, tzinfo=UTC)


def gold_tables(shop):
    return {
        "gold.sales_daily": sales(shop),
        "gold.sales_by_country_daily": sales(shop, "country"),
        "gold.sales_by_category_daily": sales(shop, "category"),
        "gold.sales_by_channel_daily": sales(shop, "channel"),
        "gold.order_values": shop.lines,
        "gold.funnel_daily": funnel(shop),
        "gold.carts": shop.carts,
        "gold.paths_daily": paths(shop),
        "gold.product_performance_daily": performance(shop),
        "gold.customer_segments": segments(shop),
        "gold.customer_360": people(shop),
        "gold.cohorts_monthly": cohorts(shop),
        "gold.attribution_daily": attribution(shop),
        "gold.attribution_touches": touches(shop),
        "gold.reconciliation_orders": reconciliation(shop),
        "gold.sales_anomalies": anomalies(),
        "gold.product_affinity": affinity(),
        "gold.product_returns": returns(shop),
        "gold.stockout_days": stock_outs(),
        "silver.sessions": shop.visits,
        "silver.products": products(),
        "silver.customers": versions(shop),
        "ops.quality": quality(),
        "ops.table_runs": runs(),
    }


def sales(shop, dimension=None):
    sums, orders = defaultdict(lambda: dict(MEASURES)), defaultdict(set)
    cancelled = defaultdict(set)
    for line in shop.lines:
        own = (line[dimension],) if dimension else ()
        key = (line["order_date"], line["currency"], *own)
        if line["is_cancelled"]:
            cancelled[key].add(line["order_id"])
            sums[key]["units_sold"] += 0
            continue
        orders[key].add(line["order_id"])
        row = sums[key]
        row["units_sold"] += line["quantity"]
        row["gross_sales"] += line["gross"]
        row["discounts"] += line["discount"]
        row["cost"] += line["cost"]
        row["margin"] += line["margin"]
        for each in line["returns"]:
            returned = sums[(each["return_date"], line["currency"], *own)]
            returned["returns"] += each["amount"]
            returned["margin"] -= each["amount"]
    rows = []
    for key, row in sums.items():
        named = {"feed": "shop", "sales_date": key[0], "currency": key[1]} | ({dimension: key[2]} if dimension else {})
        net = row["gross_sales"] - row["discounts"] - row["returns"]
        counts = {"orders": len(orders[key]), "first_orders": 0, "cancelled_orders": len(cancelled[key])}
        rows.append(named | row | counts | {"net_sales": net, "cancelled_sales": ZERO})
    return rows


def funnel(shop):
    rows = defaultdict(Counter)
    for visit in shop.visits:
        if not visit["is_bot"]:
            rows[visit["session_date"]].update(f"{step}_sessions" for step in STEPS[: visit["steps_reached"]])
    empty = {f"{step}_sessions": 0 for step in STEPS}
    return [{"feed": "shop", "event_date": day} | empty | dict(rows[day]) for day in shop.days]


def paths(shop):
    pairs = (("(start)", "home", 20), ("home", "product", 14), ("home", "(exit)", 6), ("product", "cart", 5))
    names = ("from_page_type", "to_page_type", "sessions")
    return [
        {"feed": "shop", "session_date": day, "step_number": n} | dict(zip(names, pair, strict=True))
        for day in shop.days
        for n, pair in enumerate(pairs, 1)
    ]


def performance(shop):
    rows = {}
    for line in shop.lines:
        key = (line["product_id"], line["order_date"])
        row = rows.setdefault(key, {"orders": 0, "units": 0, "gross": ZERO, "returns": ZERO, "net": ZERO})
        if not line["is_cancelled"]:
            row["orders"] += 1
            row["units"] += line["quantity"]
            row["gross"] += line["gross"]
            row["net"] += line["net"]
    return [
        {"feed": "shop", "product_id": product, "event_date": day, "views": 40, "viewers": 30, "carts": 6}
        | row
        | {"currency": "GBP", "sales_rank": 1, "conversion": row["orders"] / 40}
        for (product, day), row in rows.items()
    ]


def _worth(shop):
    worth = {name: sum((line["net"] for line in lines), ZERO) for name, lines in shop.customers.items()}
    return dict(sorted(worth.items(), key=lambda item: -item[1]))


def segments(shop):
    tiers = ("platinum", "gold", "silver", "bronze")
    rows = []
    for place, (name, net) in enumerate(_worth(shop).items()):
        days = [line["order_date"] for line in shop.customers[name]]
        rows.append(
            {
                "feed": "shop",
                "customer_id": name,
                "as_of_date": LAST + timedelta(1),
                "first_order_date": min(days),
                "last_order_date": max(days),
                "segment": "champions" if place < 8 else "at_risk",
                "value_tier": tiers[min(place // 4, 3)],
                "rfm": "555",
                "lifetime_orders": len(set(days)),
                "lifetime_net": net,
                "currency": "GBP",
            }
        )
    return rows


def people(shop):
    return [
        {
            "feed": "shop",
            "customer_id": row["customer_id"],
            "as_of_date": row["as_of_date"],
            "currency": "GBP",
            "location": "Leeds",
            "orders": row["lifetime_orders"],
            "net": row["lifetime_net"],
            "average_order_value": row["lifetime_net"] / row["lifetime_orders"],
            "p_alive": 0.9,
            "value_365d": Decimal("120.00"),
            "segment": row["segment"],
            "value_tier": row["value_tier"],
            "acquisition_channel": "email",
            "first_order_date": row["first_order_date"],
            "last_order_date": row["last_order_date"],
        }
        for row in segments(shop)
    ]


def cohorts(shop):
    first = {name: min(line["order_date"] for line in lines) for name, lines in shop.customers.items()}
    rows = []
    for cohort in (date(2026, 3, 1), date(2026, 4, 1)):
        members = [name for name, day in first.items() if day.replace(day=1) == cohort]
        for number in range(5 - cohort.month + 1):
            month = date(2026, cohort.month + number, 1)
            active = sum(any(x["order_date"].replace(day=1) == month for x in shop.customers[m]) for m in members)
            rows.append(
                {
                    "feed": "shop",
                    "cohort_month": cohort,
                    "acquisition_channel": "all",
                    "month_number": number,
                    "currency": "GBP",
                    "customers": len(members),
                    "active": active,
                    "retention": active / len(members) if members else None,
                    "net_to_date_per_customer": Decimal("80.00") * (number + 1),
                    "is_complete": month.month < 5,
                }
            )
    return rows


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


def runs():
    return [
        {"run_id": "r1", "table": table, "rows_read": 100, "rows_written": 96, "rows_quarantined": 4}
        | {"rows_total": 96, "version": 3, "duration_s": 0.5, "run_started_at": RUN}
        for table in ("silver.events", "gold.sales_daily")
    ]
