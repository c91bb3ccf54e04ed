from decimal import Decimal

import pytest

from shoplake.serve.answers.money import (
    AnomaliesQuery,
    ReconciliationOrdersQuery,
    ReconciliationQuery,
    anomalies,
    reconciliation,
    reconciliation_orders,
)
from shoplake.serve.errors import AnswerNotFoundError


def test_the_causes_between_two_totals_are_their_difference(generation):
    rows = reconciliation(generation, ReconciliationQuery()).rows.to_pylist()
    amounts = {row["step"]: row["amount"] for row in rows}
    places = [row["step"] for row in rows]

    causes = places[places.index("event_revenue") + 1 : places.index("order_revenue")]
    assert sum(amounts[cause] for cause in causes) == amounts["order_revenue"] - amounts["event_revenue"] != 0
    assert amounts["unexplained"] == 0


def test_the_orders_behind_a_cause_add_up_to_its_amount(generation):
    rows = reconciliation(generation, ReconciliationQuery()).rows.to_pylist()
    [shipping] = [row for row in rows if row["step"] == "shipping"]
    orders = reconciliation_orders(generation, ReconciliationOrdersQuery("shipping")).rows.to_pylist()

    assert (len(orders), sum(order["amount"] for order in orders)) == (shipping["orders"], shipping["amount"])


def test_an_unknown_cause_names_the_nearest(generation):
    with pytest.raises(AnswerNotFoundError, match=r"Unknown cause 'shiping'\. Did you mean 'shipping'\?"):
        reconciliation_orders(generation, ReconciliationOrdersQuery("shiping"))


def test_an_anomaly_has_its_expected_range(generation):
    [row] = anomalies(generation, AnomaliesQuery()).rows.to_pylist()

    assert (row["actual"], row["low"], row["high"]) == (Decimal(900), Decimal(0), Decimal(500))
