from datetime import date

import pytest

from shoplake.tables.gold.customers.customer_segments import customer_segments
from shoplake.tables.gold.customers.segment_cutoffs import segment_cutoffs

ROW = {"feed": "shop", "as_of_date": date(2026, 3, 1), "recency_days": 1, "recency_score": 5}
ROW |= {"frequency": 1, "frequency_score": 5, "monetary": "5.00", "monetary_score": 5}


@pytest.fixture
def build(some):
    """The lowest and highest value and the customers, by measure and score."""

    def build(*rows):
        cutoffs = segment_cutoffs(some(customer_segments, *rows)).collect()
        assert {row.as_of_date for row in cutoffs} <= {date(2026, 3, 1)}
        return {(row.measure, row.score): (row.lowest_value, row.highest_value, row.customers) for row in cutoffs}

    return build


def test_each_score_of_each_measure_has_its_range_and_customers(build):
    low = ROW | {"customer_id": "low", "recency_days": 90, "recency_score": 1, "monetary": "1.00", "monetary_score": 2}

    cutoffs = build(ROW | {"customer_id": "ann"}, ROW | {"customer_id": "bob", "monetary": "9.00"}, low)

    assert cutoffs == {
        ("recency_days", 5): (1, 1, 2),
        ("recency_days", 1): (90, 90, 1),
        ("frequency", 5): (1, 1, 3),
        ("monetary", 5): (5, 9, 2),
        ("monetary", 2): (1, 1, 1),
    }


def test_a_customer_without_a_known_value_has_no_score_and_no_row(build):
    assert ("monetary", None) not in build(ROW | {"monetary": None, "monetary_score": None})


def test_each_feed_has_its_own_cut_points(some):
    rows = segment_cutoffs(some(customer_segments, ROW, ROW | {"feed": "other"}))

    assert rows.count() == 6
