from datetime import datetime

from rich.console import Console

from cli.views.models.test_training import METRICS, ROW
from shoplake.cli.views.models.registry import MirrorView, ModelCardView, VersionsView
from shoplake.pipeline.models.mlflow_mirror import MirrorResult

AT = datetime(2026, 3, 1, 12)
SEGMENTS = [{"segment": "1 order day", "rows": 100, "base_rate": 0.8, "roc_auc": 0.75}]
FULL = ROW | {
    "name": "churn",
    "recorded_at": AT,
    "seed": 7,
    "path": "models/churn/2/model.skops",
    "size": 12_345,
    "sha256": "abc",
    "params": {"days": {"2025-12-01": "test"}},
    "metrics": METRICS | {"segments": SEGMENTS},
}


def text(view):
    out = Console(width=200, record=True, markup=False, highlight=False)
    view.render(out)
    return out.export_text()


def test_versions_are_listed_with_their_test_day_and_the_champion():
    view = VersionsView([FULL, FULL | {"version": 3}], 3, "churn")

    lines = text(view).splitlines()
    assert "2025-12-01" in lines[1]
    assert [line.rstrip().endswith("yes") for line in lines[1:]] == [False, True]
    assert [row["is_champion"] for row in view.to_json()] == [False, True]


def test_without_versions_the_command_to_type_is_named():
    assert "shoplake train churn" in text(VersionsView([], None, "churn"))


def test_a_card_has_segments_and_decisions():
    decision = {"recorded_at": AT, "status": "refused", "reason": "its Brier score is 0.0100 worse"}

    card = text(ModelCardView(FULL, [decision]))

    assert "1 order day" in card
    assert "12,345 bytes, SHA-256 abc" in card
    assert "refused: its Brier score is 0.0100 worse" in card


def test_what_was_mirrored_and_the_champion_have_both_numbers():
    view = MirrorView(MirrorResult("churn", {2: 5}, (1, 4)))

    assert text(view).splitlines() == [
        "churn version 2 is version 5 in MLflow.",
        "The champion is version 1, there 4.",
    ]
    assert view.to_json()["added"] == {2: 5}
    assert "MLflow has all versions of churn." in text(MirrorView(MirrorResult("churn", {}, None)))
