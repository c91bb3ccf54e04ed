from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from shoplake.cli.views.models.training import PromotionView, ReproductionView, ScoringView, TrainingView
from shoplake.ml.churn.evaluation.metrics import Interval
from shoplake.ml.churn.evaluation.promotion import Comparison
from shoplake.pipeline.models.scoring import ScoringResult
from shoplake.pipeline.models.training import Reproduction, TrainingResult

FIGURES = {"roc_auc": 0.85, "pr_auc": 0.9, "brier": 0.15, "calibration_slope": 1.01, "ece": 0.01, "lift_at_10": 1.5}
RULE = dict.fromkeys(FIGURES) | {"roc_auc": 0.84, "pr_auc": 0.88, "lift_at_10": 1.4}
METRICS = {
    "metrics": {"recency rule": RULE | {"base_rate": 0.63}, "forest": FIGURES | {"base_rate": 0.63}},
    "differences": {"recency rule": {"value": 0.01, "low": 0.008, "high": 0.012}},
    "rows": {"train": 1_000, "test": 500},
}
ROW = {"version": 2, "metrics": METRICS}


def comparison(is_promoted, reason="AUC +0.0100"):
    return Comparison("version 1", is_promoted, reason, Interval(0.01, 0.008, 0.012), -0.01, 1.0, 0.01)


@pytest.fixture
def text():
    def printed(view):
        out = Console(width=200, record=True, markup=False, highlight=False)
        view.render(out)
        return out.export_text()

    return printed


def test_a_training_names_the_best_model_first_and_the_decision(text):
    printed = text(TrainingView(TrainingResult(ROW, comparison(True), 4.2), "report.html", Path("shoplake.toml")))

    assert "churn version 2: 1,000 train, 500 test rows; 63.0 % of the test rows churned" in printed
    assert "AUC 0.850; days since the last order alone 0.840." in printed
    assert printed.index("forest ") < printed.index("recency rule")
    assert "Champion: AUC +0.0100. 4.2 s." in printed
    assert "score churn" in printed


def test_the_best_possible_stands_beside_it_and_is_said_to_know_no_visits(text):
    peers = METRICS["metrics"] | {"best possible": FIGURES | {"roc_auc": 0.86}}
    differences = METRICS["differences"] | {"best possible": {"value": -0.01, "low": -0.02, "high": 0.01}}
    visits = {"days_since_last_visit": 0.7}
    metrics = METRICS | {"metrics": peers, "differences": differences, "single_features": visits}

    printed = text(TrainingView(TrainingResult(ROW | {"metrics": metrics}, comparison(True), 1), None, Path("a.toml")))

    assert "AUC 0.850; best possible 0.860; days since the last order alone 0.840." in printed
    assert "by orders alone; this model knows visits too" in printed


def test_sales_that_were_ingested_too_late_are_told(text):
    result = TrainingResult(ROW, comparison(True), 4.2, share_unknown=0.25)

    assert "25% of the sales before the test day do not count" in text(TrainingView(result, None, Path("a.toml")))


def test_a_refused_training_leads_to_the_list(text):
    view = TrainingView(TrainingResult(ROW, comparison(False, "it is worse"), 4.2), None, Path("shoplake.toml"))

    assert "Not promoted: it is worse." in text(view)
    assert "models list" in text(view)
    assert view.to_json()["comparison"]["is_promoted"] is False


def test_scores_are_counted(text):
    result = ScoringResult(2, date(2026, 3, 1), date(2026, 3, 1), 1_234, 0.5, 1.0)
    shown = text(ScoringView(result, Path("a.toml")))

    assert "1,234 customers scored as of 2026-03-01 by churn version 2" in shown
    assert "WHERE as_of_date = '2026-03-01'" in shown.replace("\n", " ")
    assert "The data ends" not in shown
    assert "gold.customer_360 takes the scores" in shown


def test_scores_of_a_day_that_the_data_does_not_reach_are_called_that(text):
    result = ScoringResult(2, date(2026, 9, 1), date(2026, 3, 1), 1_234, 0.5, 1.0)

    shown = " ".join(text(ScoringView(result, Path("a.toml"))).split())

    assert "The data ends 184 days before" in shown and "Score 2026-03-01: leave --as-of out." in shown
    assert "gold.customer_360 does not take these scores" in shown and "takes the scores" not in shown


@pytest.mark.parametrize(
    ("is_promoted", "is_forced", "words"),
    [(True, False, "is the champion:"), (False, True, "by force, although"), (False, False, "is refused:")],
)
def test_a_promotion_says_what_was_decided(text, is_promoted, is_forced, words):
    assert words in text(PromotionView(2, comparison(is_promoted), is_forced))


def test_a_reproduction_that_differs_names_what_changed(text):
    same, other = Reproduction(1, "abc", "abc", ()), Reproduction(1, "abc", "def", ("code", "libraries"))

    assert "is reproduced: SHA-256 abc" in text(ReproductionView(same))
    assert "Changed since: code, libraries" in text(ReproductionView(other))


def test_scores_by_features_with_new_definitions_lead_to_a_training(text):
    result = ScoringResult(2, date(2026, 3, 1), date(2026, 3, 1), 10, 0.5, 1.0, has_changed_features=True)

    printed = text(ScoringView(result, Path("a.toml")))

    assert "The definitions of features have changed since version 2 was trained. Train again:" in printed
    assert "train churn --config a.toml" in printed


def test_the_next_step_of_a_training_has_its_settings_file(text):
    promoted, refused = (
        TrainingView(TrainingResult(ROW, comparison(each), 1), None, Path("a.toml")) for each in (1, 0)
    )

    assert "score churn --config a.toml" in text(promoted)
    assert "models list --config a.toml" in text(refused)


def test_nobody_scored_is_said_with_the_reason(text):
    result = ScoringResult(2, date(2009, 1, 1), date(2026, 3, 1), 0, 0.0, 1.0)

    assert "no known customer ordered in the year before 2009-01-01" in text(ScoringView(result, Path("a.toml")))


def test_the_champion_itself_is_not_called_refused(text):
    itself = replace(comparison(False, "its scores are those of version 1"), opponent="version 1")

    assert text(PromotionView(1, itself, False)) == "Version 1 is the champion already.\n"


def test_a_shop_whose_parameters_are_unknown_has_no_best_possible(text):
    printed = text(TrainingView(TrainingResult(ROW, comparison(True), 1), None, Path("a.toml")))

    assert "The best possible AUC is unknown" in printed
