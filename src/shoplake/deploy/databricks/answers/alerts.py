"""Alerts on the answers: nothing sold yesterday, many returns, days unlike the weeks before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.deploy.databricks.references import table, variable

if TYPE_CHECKING:
    from shoplake.deploy.databricks.bundle_source import BundleSource

AT_SEVEN = "0 0 7 * * ?"
MANY_RETURNS = 0.2
"""Returns of the last 28 days, as a share of gross sales."""


def alerts_file(source: BundleSource) -> dict[str, Any]:
    """Return the alerts; each asks one number each morning, in the shop's time zone."""
    sales = table("sales_daily", "gold")
    zone = source.timezone
    yesterday = f"date_sub(to_date(from_utc_timestamp(now(), '{zone}')), 1)"
    orders = f"SELECT coalesce(sum(orders), 0) AS orders FROM {sales} WHERE sales_date = {yesterday}"
    returns = (
        f"SELECT coalesce(sum(returns) / nullif(sum(gross_sales), 0), 0) AS returned FROM {sales} "
        f"WHERE sales_date > date_sub({yesterday}, 28)"
    )
    unlike = f"SELECT count(*) AS days FROM {table('sales_anomalies', 'gold')} WHERE anomaly_date >= {yesterday}"
    alerts = {
        "nothing_sold": _alert("Nothing sold yesterday", orders, "orders", "LESS_THAN", 1, zone),
        "many_returns": _alert("Many returns", returns, "returned", "GREATER_THAN", MANY_RETURNS, zone),
        "unusual_sales": _alert("Sales unlike the weeks before", unlike, "days", "GREATER_THAN", 0, zone),
    }
    return {"resources": {"alerts": alerts}}


def _alert(title: str, query: str, column: str, operator: str, threshold: float, zone: str) -> dict[str, Any]:
    return {
        "display_name": f"${{bundle.name}}: {title}",
        "query_text": query,
        "warehouse_id": variable("warehouse_id"),
        "evaluation": {
            "source": {"name": column},
            "comparison_operator": operator,
            "threshold": {"value": {"double_value": threshold}},
            "empty_result_state": "ERROR",
            "notification": {"subscriptions": [{"user_email": variable("alert_email")}], "notify_on_ok": True},
        },
        "schedule": {"quartz_cron_schedule": AT_SEVEN, "timezone_id": zone, "pause_status": "UNPAUSED"},
    }
