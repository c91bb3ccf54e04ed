import pandas as pd
import pytest

from shoplake.ml.recommendations.retailrocket import HOUR_MS, SPLIT_MS, evaluate_next_views, read_views

HEADER = "timestamp,visitorid,event,itemid,transactionid\n"


@pytest.fixture
def read(tmp_path):
    """The views after the preprocessing, as lists of products by session."""

    def read(*events):
        path = tmp_path / "events.csv"
        path.write_text(HEADER + "".join(f"{at},{visitor},{event},{item},\n" for at, visitor, event, item in events))
        return read_views(path).groupby("session")["product"].agg(list).tolist()

    return read


def often(*items, event="view", gap=1):
    """Five visitors who view the same items, a millisecond apart."""
    return [(gap * place, visitor, event, item) for visitor in range(5) for place, item in enumerate(items)]


def test_repeats_right_after_a_view_are_left_out(read):
    assert read(*often(1, 1, 2, 1)) == [[1, 2, 1]] * 5


def test_a_gap_of_more_than_an_hour_ends_a_session(read):
    assert read(*often(1, 2, gap=HOUR_MS)) == [[1, 2]] * 5
    assert read(*often(1, 2, gap=HOUR_MS + 1)) == []


def test_other_events_are_no_views_but_keep_a_session_open(read):
    carts = [(HOUR_MS, visitor, "addtocart", 9) for visitor in range(5)]

    assert read(*often(1, 2, gap=2 * HOUR_MS), *carts) == [[1, 2]] * 5


def test_rare_products_and_then_sessions_of_one_view_are_left_out_until_nothing_changes(read):
    assert read(*often(1, 2), (0, 9, "view", 1), (1, 9, "view", 7)) == [[1, 2]] * 5
    assert read(*often(1, 2)[:-1], (0, 9, "view", 1), (1, 9, "view", 7)) == []


def views(*sessions):
    rows = [
        (number, product, start + place)
        for number, (start, products) in enumerate(sessions)
        for place, product in enumerate(products)
    ]
    return pd.DataFrame(rows, columns=["session", "product", "viewed_at"])


def test_each_view_but_the_first_is_asked_and_found_by_the_views_before():
    train = [(0, [1, 2])] * 4 + [(0, [3, 4])] * 3

    figures = evaluate_next_views(views(*train, (SPLIT_MS, [1, 2]), (SPLIT_MS, [3, 4, 9])))

    assert (figures.sessions, figures.questions) == (2, 3)
    assert figures.recalls == {
        1: pytest.approx(2 / 3),
        5: pytest.approx(2 / 3),
        10: pytest.approx(2 / 3),
        20: pytest.approx(2 / 3),
    }
    assert figures.reciprocal_rank == pytest.approx(2 / 3)


def test_the_last_view_counts_most():
    train = [(0, [1, 2])] * 4 + [(0, [3, 4])] * 4

    assert evaluate_next_views(views(*train, (SPLIT_MS, [1, 3, 4]))).recalls[1] == 0.5


def test_sessions_that_start_before_the_split_are_not_asked():
    assert evaluate_next_views(views((SPLIT_MS - 1, [1, 2, 3]), (0, [1, 2]))).questions == 0
