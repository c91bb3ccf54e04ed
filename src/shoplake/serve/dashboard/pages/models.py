"""The page Models: the champion of churn beside the rule and its peers, its calibration, and the drift of scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.serve.answers.predictions.models import (
    CHURN,
    RULE,
    ModelQuery,
    ModelsQuery,
    ScoreDriftQuery,
    model_calibration,
    model_figures,
    models,
    score_drift,
)
from shoplake.serve.dashboard.blocks import Chart, Facts, Page, Tile, Tiles
from shoplake.serve.dashboard.charts.line_chart import LineChart, Point
from shoplake.serve.dashboard.formats import format_day, format_percent, format_value
from shoplake.serve.dashboard.page_context import PageContext, Row, Shown
from shoplake.serve.dashboard.page_state import csv_link, subject_link

if TYPE_CHECKING:
    from shoplake.serve.answers.query.answer import Answer
    from shoplake.serve.dashboard.blocks import Table

NO_MODEL = "No model is trained yet; it takes 360 days of orders. Train one: shoplake train churn"
NO_CHAMPION = "No version is the champion. Promote one: shoplake models promote VERSION"
NO_SCORES = "No customer is scored yet. Score them: shoplake score churn"
BOUND = "The best possible model knows the parameters of the simulated shop; no model can be above it."
LINE = 2
"""As-of days from which on drift is a line."""
FIGURES = (
    ("roc_auc", "ROC AUC", "Probability that a churned customer has a higher score than a retained one."),
    ("pr_auc", "PR AUC", "Mean precision over all recalls; a score without knowledge has the churned share."),
    ("brier", "Brier score", "Mean squared difference between probability and outcome; 0 is best."),
    ("ece", "Calibration error", "Mean difference between probability and churned share over ten equal groups."),
    ("calibration_slope", "Calibration slope", "1 is best; below 1 the probabilities are too extreme."),
    ("lift_at_10", "Lift at 10 %", "Churned share of the tenth with the highest scores, divided by that of all."),
    ("captured_at_10", "Captured at 10 %", "Share of all churned customers that this tenth has."),
)


def models_page(context: PageContext) -> Page:
    """Build the page; without a champion it says which command makes one."""
    answer = models(context.generation, ModelsQuery())
    rows: list[Row] = answer.rows.to_pylist()
    champion = next((row for row in rows if row["is_champion"] and row["name"] == CHURN), None)
    blocks: list[Any] = [_versions(context, answer, NO_CHAMPION if rows and champion is None else "")]
    if champion is not None:
        head = [_tiles(context, champion, answer), _calibration(context, champion), _facts(context, champion, answer)]
        blocks = [*head, *_drift(context), _peers(context, champion), *blocks]
    return Page("models", "Models", blocks, has_range=False, has_feed=True)


def _tiles(context: PageContext, champion: Row, answer: Answer) -> Tiles:
    origin = context.origin(answer.meta)
    figures = {row["model"]: row for row in model_figures(context.generation, ModelQuery()).rows.to_pylist()}
    rule = figures.get(RULE, {})
    tiles = []
    for name, label, definition in FIGURES:
        over = None if None in (champion[name], rule.get(name)) else champion[name] - rule[name]
        change = "" if over is None else f"{over:+.3f}".replace("-", "−")
        verdict = "same" if not over else "good" if over > 0 else "bad"
        against = (
            "the rule is no probability" if over is None else f"against the {RULE} ({_figure(context, rule[name])})"
        )
        tiles.append(Tile(label, _figure(context, champion[name]), change, verdict, against, definition, origin))
    return Tiles(tiles)


def _figure(context: PageContext, value: float | None) -> str:
    return format_value(value, "figure", context.zone)


def _facts(context: PageContext, champion: Row, answer: Answer) -> Facts:
    facts = [
        ("Version", str(champion["version"])),
        ("Trained", format_value(champion["recorded_at"], "time", context.zone)),
        ("Test day", format_day(champion["test_date"])),
        ("Training rows", format_value(champion["train_rows"], "count", context.zone)),
        ("Test rows", format_value(champion["test_rows"], "count", context.zone)),
        ("Churned", format_percent(champion["base_rate"])),
        ("AUC over the rule", _difference(context, champion, "rule")),
        *_best(context, champion),
        ("Features", str(champion["features"])),
    ]
    note = f"{(champion['decision'] or '').capitalize()}: {champion['reason']}"
    csv = csv_link("models", name=CHURN)
    return Facts("Champion", facts, context.origin(answer.meta), csv, note, "narrow")


def _difference(context: PageContext, champion: Row, peer: str) -> str:
    value, low, high = (_figure(context, champion[f"roc_auc_over_{peer}{end}"]) for end in ("", "_low", "_high"))
    return f"{value} ({low} to {high})"


def _best(context: PageContext, champion: Row) -> list[tuple[str, str]]:
    """Return the best possible AUC and what is missing to it, or that it is unknown."""
    if champion["best_roc_auc"] is None:
        return [("Best possible AUC", "unknown")]
    best = _figure(context, champion["best_roc_auc"])
    return [("Best possible AUC", best), ("AUC over the best possible", _difference(context, champion, "best"))]


def _peers(context: PageContext, champion: Row) -> Table:
    answer = model_figures(context.generation, ModelQuery())
    columns = [Shown("model", "Model", "code")]
    columns += [Shown(name, label, "figure") for name, label, _ in FIGURES]
    note = "All on the same test rows. The recency rule ranks by the days since the last order."
    note = " ".join(filter(None, (note, champion["best_note"] or BOUND)))
    csv = csv_link("model_figures")
    return context.table("Champion and peers", answer, columns, csv=csv, note=note, span="full")


def _calibration(context: PageContext, champion: Row) -> Chart:
    answer = model_calibration(context.generation, ModelQuery())
    points = [
        Point(
            format_percent(row["predicted"], 0),
            100 * row["churned"],
            100 * row["predicted"],
            (
                f"{row['customers']:,} customers",
                f"predicted {format_percent(row['predicted'])}",
                f"churned {format_percent(row['churned'])}",
            ),
        )
        for row in answer.rows.to_pylist()
    ]
    columns = [
        Shown("bin", "Group", "count"),
        Shown("customers", "Customers", "count"),
        Shown("predicted", "Predicted", "percent"),
        Shown("churned", "Churned", "percent"),
    ]
    title = "Calibration: churned by predicted, %"
    name = f"Calibration of churn version {champion['version']}, in percent. The table below has the numbers."
    note = "Test rows in ten equal groups by rising probability. The lines are one where probabilities are right."
    table = context.table(title, answer, columns, csv=csv_link("model_calibration"), note=note)
    wide, narrow = context.charts.draw(LineChart(name, points))
    return Chart(title, wide, narrow, table, [("now", "churned"), ("before", "predicted")])


def _drift(context: PageContext) -> list[Chart | Table | Facts]:
    feed = context.state.scope.feed
    answer = score_drift(context.generation, ScoreDriftQuery(feed))
    columns = [
        Shown("as_of_date", "As of", "day"),
        Shown("model_version", "Version", "count"),
        Shown("customers", "Customers", "count"),
        Shown("mean_probability", "Mean", "percent"),
        Shown("p10", "10 %", "percent"),
        Shown("p50", "Median", "percent"),
        Shown("p90", "90 %", "percent"),
        Shown("stability_index", "Stability index", "figure"),
    ]
    title = "Mean churn probability by as-of day, %"
    note = "Stability index against the day before: 0.1 is a small shift, 0.25 a large one."
    table = context.table(
        title, answer, columns, csv=csv_link("score_drift", feed=feed), note=note, empty=NO_SCORES, span="full"
    )
    rows: list[Row] = answer.rows.to_pylist()
    if len(rows) < LINE:
        return [table]
    wide, narrow = context.charts.draw(LineChart(f"{title} The table below has the numbers.", list(map(_day, rows))))
    chart = Chart(title, wide, narrow, table, [("now", "mean of all customers")])
    return [chart, _last_scores(context, rows[-1], answer)]


def _last_scores(context: PageContext, row: Row, answer: Answer) -> Facts:
    facts = [
        ("As of", format_day(row["as_of_date"])),
        ("Customers", f"{row['customers']:,}"),
        ("Mean", format_percent(row["mean_probability"])),
        ("At 50 % and more", format_percent(row["likely_share"])),
        ("Stability index", _figure(context, row["stability_index"])),
        ("Version", str(row["model_version"])),
    ]
    csv = csv_link("score_drift", feed=context.state.scope.feed)
    return Facts("Last scores", facts, context.origin(answer.meta), csv, span="narrow")


def _day(row: Row) -> Point:
    read_out = (
        format_day(row["as_of_date"]),
        f"mean {format_percent(row['mean_probability'])}",
        f"{row['customers']:,} customers",
    )
    return Point(format_day(row["as_of_date"], year=False), 100 * row["mean_probability"], None, read_out)


def _versions(context: PageContext, answer: Answer, note: str) -> Table:
    columns = [
        Shown("name", "Model"),
        Shown("version", "Version", "count"),
        Shown("recorded_at", "Trained", "time"),
        Shown("test_date", "Test day", "day"),
        Shown("roc_auc", "ROC AUC", "figure"),
        Shown("rule_roc_auc", "Rule", "figure"),
        Shown("best_roc_auc", "Best possible", "figure"),
        Shown("brier", "Brier score", "figure"),
        Shown("decision", "Decision"),
        Shown("reason", "Why", "code"),
    ]
    more = ("All figures", subject_link("/rows/models"))
    return context.table(
        "Versions", answer, columns, csv=csv_link("models"), note=note, more=more, span="full", empty=NO_MODEL
    )
