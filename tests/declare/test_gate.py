import pytest

from shoplake.declare import (
    agrees,
    extend,
    fresh,
    nulls_like_history,
    references,
    rows_like_history,
    shares_like_history,
    slo,
    unique,
)
from shoplake.declare.catalog import Catalog
from shoplake.declare.gate import seconds
from shoplake.errors import DeclarationError, UnknownTableError
from shoplake.tables.bronze.events_raw import events_raw
from shoplake.tables.silver.events import events

CATALOG = Catalog([events_raw, events])


def extended(*gates):
    return CATALOG.extended([], [extend("silver.events", gates=gates)])["events"]


@pytest.mark.parametrize(
    ("gate", "name"),
    [
        (unique("feed", "order_id"), "unique_feed_order_id"),
        (references("product_id", "silver.products"), "product_id_in_products"),
        (fresh("event_at", within="26 hours"), "fresh_event_at"),
        (rows_like_history("event_date"), "rows_like_history"),
        (nulls_like_history("device", by="event_date"), "nulls_of_device_like_history"),
        (shares_like_history("device", by="event_date"), "shares_of_device_like_history"),
        (agrees("all_events", "SELECT 1", "SELECT 1"), "all_events"),
    ],
)
def test_a_gate_is_named_by_what_it_looks_at(gate, name):
    assert gate.name == name


@pytest.mark.parametrize(
    ("text", "expected"), [("90 minutes", 5400), ("26 hours", 93600), ("1 day", 86400), ("7 days", 604800)]
)
def test_durations_are_words(text, expected):
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["26h", "days", "-1 days", "1 week", ""])
def test_another_duration_is_refused(text):
    with pytest.raises(DeclarationError, match=r"is not a duration.*'26 hours'"):
        fresh("event_at", within=text)


def test_a_reference_that_settles_needs_the_time_of_a_row():
    with pytest.raises(DeclarationError, match="settles= needs the time of a row"):
        references("product_id", "silver.products", settles="7 days")


def test_a_unique_gate_needs_a_column():
    with pytest.raises(DeclarationError, match="names no column"):
        unique()


def test_gates_are_added_to_a_table_once():
    gate = rows_like_history("event_date")
    assert extended(gate).gates == (*events.gates, gate)
    with pytest.raises(DeclarationError, match="has a gate 'rows_like_history' already"):
        extended(gate, gate)


def test_a_gate_of_an_unknown_column_is_refused_and_the_nearest_named():
    with pytest.raises(DeclarationError, match=r"no column 'event_dat' for its gate rows_like_history.*'event_date'"):
        extended(rows_like_history("event_dat"))


def test_a_reference_to_an_unknown_table_or_column_is_refused():
    with pytest.raises(UnknownTableError, match=r"silver.event', read by silver.events \(gate event_id_in_event\)"):
        extended(references("event_id", "silver.event"))
    with pytest.raises(DeclarationError, match=r"silver.events has no column 'id'"):
        extended(references("event_id", "silver.events", key="id"))


def test_totals_may_not_differ_unless_declared():
    assert agrees("all_events", "SELECT 1", "SELECT 1").cents_per_row == 0


def test_a_gate_that_stops_bronze_is_refused():
    gate = unique("file", "line", stop=True)
    with pytest.raises(DeclarationError, match="bronze keeps what arrives"):
        CATALOG.extended([], [extend("bronze.events_raw", gates=[gate])])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"valid": 1.0}, "leaves no budget"),
        ({"valid": 0.99, "over": "2 hours"}, "too short"),
        ({"fresh": "28 days"}, "too short"),
        ({"fresh": "soon"}, "is not a duration"),
    ],
)
def test_a_budget_that_cannot_be_spent_is_refused(arguments, message):
    with pytest.raises(DeclarationError, match=message):
        slo(**arguments)


def test_a_budget_is_the_rest_of_the_rows_and_of_the_time():
    budget = slo(valid=0.995, fresh="26 hours")

    assert (round(budget.allowed, 6), budget.fresh_s, budget.over_s) == (0.005, 93_600, 28 * 86_400)
