"""The gold tables of a small shop, added up in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

from tests.serve.answers.small_marketing import (
    affinity,
    anomalies,
    attribution,
    customer_recommendations,
    gates,
    incidents,
    measures,
    products,
    quality,
    quarantine_reasons,
    recommendations,
    reconciliation,
    returns,
    runs,
    stock_outs,
    touches,
    versions,
)
from tests.serve.answers.small_models import decisions, scores
from tests.serve.answers.small_models import versions as model_versions
from tests.serve.answers.small_shop import LAST, STEPS, ZERO

MEASURES = {"units_sold": 0, "gross_sales": ZERO, "discounts": ZERO, "returns": ZERO, "cost": ZERO, "margin": ZERO}


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
        "gold.churn_scores": scores(shop),
        "gold.recommendations": recommendations(),
        "gold.customer_recommendations": customer_recommendations(),
        "ops.models": model_versions(),
        "ops.model_aliases": decisions(),
        "ops.quality": quality(),
        "ops.gates": gates(),
        "ops.metrics": measures(),
        "ops.quarantine_reasons": quarantine_reasons(),
        "ops.incidents": incidents(),
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
