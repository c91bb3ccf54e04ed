from datetime import date, timedelta
from decimal import Decimal

from shoplake.tables.gold.watching.daily_measures import daily_measures
from shoplake.tables.gold.watching.sales_anomalies import sales_anomalies

START = date(2026, 1, 1)


def test_a_doubled_day_is_a_spike_with_the_bounds_around_what_is_expected(some):
    values = [400] * 45
    values[40] = 800
    rows = [
        {"feed": "shop", "measure": "gross_sales", "currency": "GBP", "segment": "(all)", "observations": 400}
        | {"measure_date": str(START + timedelta(days=day)), "value": value}
        for day, value in enumerate(values)
    ]

    [row] = sales_anomalies(some(daily_measures, *rows)).collect()

    assert (row.anomaly_date, row.currency, row.kind, row.explained_by) == (
        START + timedelta(days=40),
        "GBP",
        "spike",
        "(overall)",
    )
    assert (row.actual, row.expected) == (Decimal("800"), Decimal("400"))
    assert (row.low, row.high, row.score) == (Decimal("320"), Decimal("480"), 20.0)
