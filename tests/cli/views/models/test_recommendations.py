from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from rich.console import Console

from shoplake.cli.views.models.recommendations import ComparisonView, NextViewsView
from shoplake.ml.recommendations.comparison import MISSING, NEW, OURS, POPULAR, TaskFigures
from shoplake.ml.recommendations.evaluation import MEASURES, MethodFigures
from shoplake.ml.recommendations.retailrocket import NextViews


def figures(value, lists=4):
    return MethodFigures({name: np.full(lists, value) for name in MEASURES}, 0.25, 5.0)


METHODS = {OURS: figures(0.5), POPULAR: figures(0.125)}
VIEW = ComparisonView([TaskFigures("new products", 5, 4, 0.2, METHODS, METHODS)], date(2026, 5, 1), date(2026, 5, 29))


def render(view):
    console = Console(width=140, record=True, file=None, quiet=False)
    with console.capture() as capture:
        view.render(console)
    return capture.get()


def test_a_table_has_the_methods_with_their_difference_to_popularity():
    text = render(VIEW)

    assert "20.0 % of what was bought was never sold before" in text
    assert "local ridge" in text
    assert "+0.3750 (+0.3750 to +0.3750)" in text


@pytest.mark.parametrize(
    ("gains", "words"),
    [
        ([0.5, 0.6, 0.7, 0.6], "local ridge is better than popular 30 d."),
        ([0.0, 0.1, 0.0, 0.1], "local ridge is worse than popular 30 d."),
        ([0.0, 0.3, 0.0, 0.3], "local ridge is not known to differ from popular 30 d."),
    ],
)
def test_a_task_says_whether_recommendations_are_better_than_popularity(gains, words):
    ours = MethodFigures({name: np.array(gains * 8) for name in MEASURES}, 0.25, 5.0)
    methods = {OURS: ours, POPULAR: figures(0.15, 32)}

    assert words in render(replace(VIEW, tasks=[TaskFigures("new products", 40, 32, 0.2, methods, methods)]))


def test_a_few_lists_cannot_tell_methods_apart():
    assert "4 lists cannot tell whether local ridge differs from popular 30 d: 30 are needed." in render(VIEW)


NOTHING = {OURS: figures(0, 0), POPULAR: figures(0, 0)}
ALL_NEW = {OURS: figures(0), POPULAR: figures(0)}


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (TaskFigures(NEW, 0, 0, 0.0, NOTHING, NOTHING), "new products: nothing to measure: no known customer"),
        (TaskFigures(MISSING, 0, 0, 0.0, NOTHING, NOTHING), "missing product: nothing to measure: no order"),
        (TaskFigures(NEW, 4, 0, 1.0, ALL_NEW, NOTHING), "nothing to measure: all that was bought was never sold"),
    ],
)
def test_a_task_without_a_question_has_no_figures(task, words):
    view = replace(VIEW, tasks=[task])

    assert words in render(view)
    assert "0.0000" not in render(view)
    assert set(view.to_json()["tasks"][0]["known_products"][OURS].values()) == {None}


def test_json_has_the_figures_with_intervals():
    data = VIEW.to_json()

    recall = data["tasks"][0]["known_products"][OURS]["recall"]
    assert recall == {"mean": 0.5, "low": 0.5, "high": 0.5}
    assert (data["split"], data["tasks"][0]["cold_share"]) == ("2026-05-01", pytest.approx(0.2))


def test_next_views_are_beside_the_published_figures():
    view = NextViewsView(NextViews(3, 9, {1: 0.1, 5: 0.2, 10: 0.3, 20: 0.4}, 0.15))

    assert "0.1500" in render(view) and "0.2164" in render(view)
    assert view.to_json()["recalls"][20] == 0.4


def test_without_a_next_view_there_are_no_figures():
    view = NextViewsView(NextViews(0, 0, {1: 0.0, 20: 0.0}, 0.0))

    assert "Nothing to measure: no session of two views" in render(view)
    assert "0.0000" not in render(view)
    assert view.to_json() == {"sessions": 0, "questions": 0, "recalls": {1: None, 20: None}, "reciprocal_rank": None}
