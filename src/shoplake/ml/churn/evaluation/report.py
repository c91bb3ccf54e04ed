"""A report of a churn model as one HTML page without scripts, and its model card as Markdown."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from shoplake.ml.churn.evaluation.ceiling import BEST, explain_best
from shoplake.ml.churn.evaluation.decision import Campaign, profit_curve
from shoplake.ml.svg_chart import Line, line_chart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIGURES = {
    "ROC AUC": "roc_auc",
    "PR AUC": "pr_auc",
    "Brier": "brier",
    "Brier skill": "brier_skill",
    "log loss": "log_loss",
    "slope": "calibration_slope",
    "intercept": "calibration_intercept",
    "ECE": "ece",
    "lift at 10 %": "lift_at_10",
    "captured at 10 %": "captured_at_10",
}
META = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
STYLE = """
:root { color-scheme: light dark; --text: #1c1c1c; --quiet: #555; --line: #ccc; --page: #fff; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e6e6; --quiet: #aaa; --line: #555; --page: #181a1b; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; white-space: nowrap; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1rem; }
svg { width: 100%; } svg text { font: 11px system-ui, sans-serif; fill: var(--quiet); }
svg .title { font-weight: 600; fill: var(--text); } svg .axis { fill: none; stroke: var(--quiet); }
"""


def render_report(row: Mapping[str, Any], campaign: Campaign | None = None) -> str:
    """Return the report of a registered version. The best possible model is among the others where it is known."""
    campaign = campaign or Campaign()
    metrics, name = row["metrics"], f"{row['name']} version {row['version']}"
    body = [
        f"<h1>{escape(name)}</h1>",
        f"<p>Churn is no order within 90 days. Test day {escape(_test_day(row))}; {metrics['rows']['test']:,} "
        f"customers, of whom {_percent(metrics['metrics']['forest']['base_rate'], 1)} churned. Seed {row['seed']}.</p>",
        _table("model", FIGURES, _best_first(metrics["metrics"])),
        *[f"<p>{escape(line).replace(' %', '&nbsp;%')}</p>" for line in _differences(metrics)],
        f'<div class="charts">{"".join(_charts(metrics, campaign))}</div>',
        f"<p>{escape(_decision(metrics, campaign))}</p>",
        "<h2>Importance</h2><p>Fall of the AUC when a feature is shuffled, least and greatest of five shuffles.</p>",
        _importance(metrics["importance"]),
        "<h2>Segments</h2>",
        _table("segment", {"rows": "rows", "churned": "base_rate"} | FIGURES, _by_segment(metrics)),
    ]
    head = f"{META}<title>{escape(name)}</title><style>{STYLE}</style>"
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n' + "\n".join(body) + "\n</body></html>\n"


def render_model_card(row: Mapping[str, Any]) -> str:
    """Return the model card of a registered version as Markdown."""
    metrics = row["metrics"]
    lines = [
        f"# {row['name']} version {row['version']}",
        "",
        "Probability that a customer with an order in the last 365 days places none in the next 90.",
        "",
        f"- Test day: {_test_day(row)}",
        *[f"- {split} rows: {count:,}" for split, count in metrics["rows"].items()],
        f"- Features: {', '.join(row['features'])}",
        f"- Calibration: {row['params']['calibration']['kind']}",
        f"- SHA-256: {row['sha256']}",
        "",
        f"| model | {' | '.join(FIGURES)} |",
        f"| --- | {' | '.join('---:' for _ in FIGURES)} |",
        *[
            f"| {name} | {' | '.join(_cell(values.get(key)) for key in FIGURES.values())} |"
            for name, values in _best_first(metrics["metrics"]).items()
        ],
        "",
        *_differences(metrics),
        "",
        "Not for: guests, customers without an order in the last year, or the effect of a contact, which only an "
        "experiment measures. Probabilities assume that the next 90 days are like those it was calibrated on.",
        "",
    ]
    return "\n".join(lines)


def _charts(metrics: Mapping[str, Any], campaign: Campaign) -> list[str]:
    curves = metrics["curves"]
    roc = [Line(name, points, is_dashed=name == BEST) for name, points in curves["roc"].items()]
    seen = [[predicted, share] for _, predicted, share in curves["calibration"]]
    profit = profit_curve(np.asarray(curves["probabilities"]), campaign)
    customers = metrics["rows"]["test"] / len(curves["probabilities"])
    gains = [[float(x), float(y) * customers] for x, y in zip(profit.share, profit.profit, strict=True)]
    diagonal = [[0, 0], [1, 1]]
    return [
        line_chart("ROC", "share of retained", "share of churned", [*roc, Line("chance", diagonal, is_dashed=True)]),
        line_chart(
            "Calibration", "probability", "churned", [Line("forest", seen), Line("exact", diagonal, is_dashed=True)]
        ),
        line_chart(
            "Lift",
            "share contacted",
            "share of churned",
            [Line("forest", curves["lift"]), Line("chance", diagonal, is_dashed=True)],
        ),
        line_chart("Expected profit", "share contacted", "currency", [Line("forest", gains)]),
    ]


def _decision(metrics: Mapping[str, Any], campaign: Campaign) -> str:
    curve = profit_curve(np.asarray(metrics["curves"]["probabilities"]), campaign)
    kept = _percent(campaign.save_rate)
    return (
        f"With a margin of {campaign.margin:g}, a contact at {campaign.contact_cost:g} and {kept} of "
        f"the leaving kept, contact whoever is above {campaign.threshold:.2f}: the {_percent(curve.share[curve.best])} "
        "most likely to leave. The share kept is an assumption; only an experiment with a control group measures it."
    )


def _differences(metrics: Mapping[str, Any]) -> list[str]:
    lines = [
        f"AUC of the forest - {peer}: {each['value']:+.4f} (95 % interval {each['low']:+.4f} to {each['high']:+.4f})."
        for peer, each in metrics["differences"].items()
    ]
    return lines + explain_best(metrics)


def _best_first(metrics: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return dict(sorted(metrics.items(), key=lambda each: (-each[1]["roc_auc"], each[0])))


def _percent(share: float, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f} %"


def _by_segment(metrics: Mapping[str, Any]) -> dict[str, Any]:
    return {each["segment"]: each for each in metrics["segments"]}


def _table(label: str, columns: Mapping[str, str], rows: Mapping[str, Mapping[str, Any]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in (label, *columns))
    body = "".join(
        f"<tr><td>{escape(name)}</td>{''.join(f'<td>{_cell(values.get(key))}</td>' for key in columns.values())}</tr>"
        for name, values in rows.items()
    )
    return f'<div class="table"><table><tr>{head}</tr>{body}</table></div>'


def _importance(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = {"fall": "drop", "least": "low", "greatest": "high"}
    return _table("feature", columns, {each["feature"]: each for each in rows[:10]})


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def _test_day(row: Mapping[str, Any]) -> str:
    return next((day for day, split in row["params"]["days"].items() if split == "test"), "")
