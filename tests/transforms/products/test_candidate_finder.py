import pandas as pd
import pytest

from shoplake.transforms.products.candidate_finder import CandidateFinder

COLUMNS = ["relation", "product_a", "product_b", "together", "weighted"]


def find(unit, *rows):
    counts = pd.DataFrame(rows, columns=COLUMNS).assign(feed="shop", unit=unit)
    return CandidateFinder(5, 100).find(counts)


def products(**sessions):
    return [("product", name, None, count, count / 2) for name, count in sessions.items()]


def test_a_unit_without_pairs_has_no_candidates():
    assert find("basket", *products(a=4), ("all", None, None, 9.0, 9.0)).empty


def test_scores_come_from_weighted_counts_and_figures_from_real_ones():
    rows = find("session", *products(a=40, b=20), ("pair", "a", "b", 10.0, 5.0), ("all", None, None, 100.0, 50.0))

    row = rows[rows.product_id == "a"].iloc[0]
    assert (row.kind, row.recommended_id, row.together) == ("similar", "b", 10)
    assert row.score == pytest.approx(5 / (20 + 50), abs=1e-6)
    assert row.lift_low == pytest.approx(0.0552 * 100 * 100 / 40 / 20, abs=0.01)


def test_a_product_that_is_bought_without_a_view_is_a_candidate():
    sequence = ("sequence", "a", "z", 10.0, 5.0)
    rows = find(
        "session", *products(a=40), sequence, ("purchase", "z", None, 12.0, 6.0), ("all", None, None, 99.0, 50.0)
    )

    assert rows[["kind", "product_id", "recommended_id"]].to_numpy().tolist() == [["next", "a", "z"]]


def test_a_product_counted_in_fewer_sessions_than_its_pair_is_in_those_of_the_pair():
    sequence, purchase = ("sequence", "a", "z", 10.0, 5.0), ("purchase", "z", None, 12.0, 6.0)
    few = find("session", *products(b=40), sequence, purchase, ("all", None, None, 99.0, 50.0))
    as_many = find("session", *products(a=10), sequence, purchase, ("all", None, None, 99.0, 50.0))

    assert few.lift_low.tolist() == as_many.lift_low.tolist()
    assert few.lift_low.between(1, 99).all()
