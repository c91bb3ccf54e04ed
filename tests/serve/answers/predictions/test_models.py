from collections import Counter
from datetime import date
from math import log
from statistics import mean
from types import SimpleNamespace

import pytest

from shoplake.serve.answers.predictions.models import (
    ModelQuery,
    ModelsQuery,
    ScoreDriftQuery,
    model_calibration,
    model_figures,
    models,
    score_drift,
)
from tests.serve.answers.small_models import AS_OF, BINS, scores, versions
from tests.serve.answers.small_shop import MemoryGeneration


@pytest.fixture(scope="module")
def without_models(generation):
    """The same generation of a lake that an earlier release filled."""

    versions = {name: 3 for name in generation.versions if "model" not in name and "churn" not in name}
    return SimpleNamespace(tables=generation.tables, as_of=generation.as_of, query=generation.query, versions=versions)


def test_the_champion_comes_first_with_its_figures_beside_the_rule(generation):
    champion, refused = models(generation, ModelsQuery()).rows.to_pylist()

    assert (champion["version"], champion["is_champion"], champion["decision"]) == (1, True, "promoted")
    assert (champion["roc_auc"], champion["rule_roc_auc"], champion["roc_auc_over_rule_low"]) == (0.81, 0.78, 0.012)
    assert (champion["test_date"], champion["test_rows"], champion["features"]) == (date(2026, 3, 1), 60, 2)
    assert (refused["version"], refused["is_champion"], refused["reason"]) == (2, False, "worse than version 1")


def test_a_figure_that_is_no_number_is_null(generation):
    assert [row["calibration_slope"] for row in models(generation, ModelsQuery()).rows.to_pylist()] == [1.05, None]


def test_without_a_champion_the_latest_version_comes_first():
    rows = models(MemoryGeneration({"ops.models": versions()}), ModelsQuery()).rows.to_pylist()

    assert [(row["version"], row["is_champion"]) for row in rows] == [(2, False), (1, False)]


def test_models_of_another_name_are_left_out(generation):
    assert models(generation, ModelsQuery("other")).rows.num_rows == 0


def test_peers_are_listed_by_their_area(generation):
    rows = model_figures(generation, ModelQuery()).rows.to_pylist()

    assert [(row["model"], row["roc_auc"]) for row in rows] == [
        ("forest", 0.81),
        ("logistic", 0.8),
        ("recency rule", 0.78),
    ]
    assert [row["brier"] for row in rows] == [0.15, None, None]


def test_calibration_is_that_of_the_champion_unless_a_version_is_named(generation):
    rows = model_calibration(generation, ModelQuery()).rows.to_pylist()

    assert [[row["customers"], row["predicted"], row["churned"]] for row in rows] == BINS
    assert model_calibration(generation, ModelQuery(2)).rows.num_rows == 0


def test_drift_compares_each_day_with_the_one_before(generation, shop):
    days = [[row["churn_probability"] for row in scores(shop) if row["as_of_date"] == day] for day in AS_OF]
    shares = [[max(Counter(int(10 * p) for p in day)[n] / len(day), 1e-4) for n in range(10)] for day in days]
    shift = sum((now - before) * log(now / before) for now, before in zip(shares[2], shares[1], strict=True))

    rows = score_drift(generation, ScoreDriftQuery()).rows.to_pylist()

    assert [(row["as_of_date"], row["customers"]) for row in rows] == [(day, len(shop.customers)) for day in AS_OF]
    assert [row["mean_probability"] for row in rows] == pytest.approx([mean(day) for day in days])
    assert [row["stability_index"] for row in rows] == [None, 0.0, pytest.approx(shift)]
    assert shift > 0.25


@pytest.mark.parametrize("answer", [model_figures, model_calibration])
def test_a_lake_of_an_earlier_release_has_no_models(without_models, answer):
    assert answer(without_models, ModelQuery()).rows.num_rows == 0
    assert models(without_models, ModelsQuery()).rows.num_rows == 0
    assert score_drift(without_models, ScoreDriftQuery()).rows.num_rows == 0
