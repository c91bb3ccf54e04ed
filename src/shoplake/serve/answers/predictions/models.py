"""Models: their versions and figures, calibration of the champion, and the drift of scores."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import pyarrow as pa

from shoplake.ml.churn.evaluation.ceiling import explain_best
from shoplake.serve.answers.query.answer import Answer
from shoplake.serve.answers.query.build import build_answer, describe
from shoplake.serve.answers.query.parameters import Feed
from shoplake.serve.answers.query.ranges import find_scope
from shoplake.serve.store.generation import Generation

MODELS, ALIASES, SCORES = "ops.models", "ops.model_aliases", "gold.churn_scores"
CHURN, FOREST, RULE, BEST = "churn", "forest", "recency rule", "best possible"
"""The model, and the names of itself, of the rule and of what can be known among the figures of its test."""
FIGURES = (
    "roc_auc",
    "pr_auc",
    "brier",
    "brier_skill",
    "log_loss",
    "ece",
    "calibration_slope",
    "calibration_intercept",
    "lift_at_10",
    "captured_at_10",
    "base_rate",
)
NUMBERS = [(name, pa.float64()) for name in FIGURES]
KEYS = [("name", pa.string()), ("version", pa.int32())]
OF_VERSION = pa.schema(
    [
        *KEYS,
        ("is_champion", pa.bool_()),
        ("decision", pa.string()),
        ("reason", pa.string()),
        ("recorded_at", pa.timestamp("us", "UTC")),
        ("test_date", pa.date32()),
        ("train_rows", pa.int64()),
        ("test_rows", pa.int64()),
        *NUMBERS,
        ("rule_roc_auc", pa.float64()),
        ("roc_auc_over_rule", pa.float64()),
        ("roc_auc_over_rule_low", pa.float64()),
        ("roc_auc_over_rule_high", pa.float64()),
        ("best_roc_auc", pa.float64()),
        ("roc_auc_over_best", pa.float64()),
        ("roc_auc_over_best_low", pa.float64()),
        ("roc_auc_over_best_high", pa.float64()),
        ("best_note", pa.string()),
        ("features", pa.int64()),
        ("sha256", pa.string()),
    ]
)
OF_PEER = pa.schema([*KEYS, ("model", pa.string()), *NUMBERS])
OF_BIN = pa.schema(
    [*KEYS, ("bin", pa.int32()), ("customers", pa.int64()), ("predicted", pa.float64()), ("churned", pa.float64())]
)
DRIFT = f"""
    WITH binned AS (
        SELECT as_of_date, model_version, churn_probability AS p, least(floor(10 * churn_probability), 9)::INT AS bin
        FROM {SCORES} WHERE feed = ?
    ),
    days AS (
        SELECT as_of_date, max(model_version) AS model_version, count(*) AS customers, avg(p) AS mean_probability,
            quantile_cont(p, 0.1) AS p10, median(p) AS p50, quantile_cont(p, 0.9) AS p90,
            avg((p >= 0.5)::INT) AS likely_share,
            lag(as_of_date) OVER (ORDER BY as_of_date) AS compared_with
        FROM binned GROUP BY as_of_date
    ),
    shares AS (
        SELECT as_of_date, each.bin, greatest(count(b.bin) / days.customers, 0.0001) AS share
        FROM days CROSS JOIN range(10) each(bin) LEFT JOIN binned b USING (as_of_date, bin)
        GROUP BY as_of_date, each.bin, days.customers
    )
    SELECT days.as_of_date, model_version, customers, mean_probability, p10, p50, p90, likely_share, compared_with,
        sum((now.share - before.share) * ln(now.share / before.share)) AS stability_index
    FROM days LEFT JOIN shares now ON now.as_of_date = days.as_of_date
        LEFT JOIN shares before ON before.as_of_date = compared_with AND before.bin = now.bin
    GROUP BY ALL ORDER BY days.as_of_date
"""


@dataclass(frozen=True)
class ModelsQuery:
    """The versions of models."""

    name: Annotated[str | None, "One model, as churn. By default all."] = None


@dataclass(frozen=True)
class ModelQuery:
    """One version of the model `churn`."""

    version: Annotated[int | None, "The version. By default the champion."] = None


@dataclass(frozen=True)
class ScoreDriftQuery:
    """The scores of churn by as-of day."""

    feed: Feed = None


def models(generation: Generation, query: ModelsQuery) -> Answer:
    """List the versions of models, the champions first, with the figures of their test beside the recency rule.

    `roc_auc_over_rule` is the difference, with the 95 % interval of a paired bootstrap. `best_roc_auc` is the best
    possible AUC; it is known of simulated shops alone.
    """
    champions = _champions(generation)
    rows = [_of_version(row, champions) for row in _versions(generation) if query.name in (None, row["name"])]
    rows.sort(key=lambda row: (not row["is_champion"], row["name"], -row["version"]))
    return _answer(generation, rows, OF_VERSION)


def model_figures(generation: Generation, query: ModelQuery) -> Answer:
    """Compare a version of churn with its peers on the same test rows, the highest ROC AUC first."""
    rows = [
        _key(row) | {"model": name} | {each: figures.get(each) for each in FIGURES}
        for row in _chosen(generation, query)
        for name, figures in row["metrics"].get("metrics", {}).items()
    ]
    rows.sort(key=lambda row: (-(row["roc_auc"] or 0), row["model"]))
    return _answer(generation, rows, OF_PEER)


def model_calibration(generation: Generation, query: ModelQuery) -> Answer:
    """Show the mean probability and the churned share of ten equal groups of test rows, by rising probability."""
    rows = [
        _key(row) | {"bin": number, "customers": size, "predicted": predicted, "churned": churned}
        for row in _chosen(generation, query)
        for number, (size, predicted, churned) in enumerate(row["metrics"].get("curves", {}).get("calibration", []), 1)
    ]
    return _answer(generation, rows, OF_BIN)


def score_drift(generation: Generation, query: ScoreDriftQuery) -> Answer:
    """Show the scores of churn by as-of day: customers, mean, quantiles, and the share with 0.5 and more.

    `stability_index` compares ten bins of equal width with the as-of day before: the population stability index, where
    0.1 is a small and 0.25 a large shift.
    """
    if SCORES not in generation.versions:
        return _answer(generation, [], pa.schema([("as_of_date", pa.date32())]), SCORES)
    return build_answer(generation, SCORES, DRIFT, [find_scope(generation, query.feed).feed])


def _versions(generation: Generation) -> list[dict[str, Any]]:
    """Return the registered versions with their JSON as values, NaN as null.

    There is none in a lake of an earlier release, which has no registry.
    """
    if MODELS not in generation.versions:
        return []
    sql = f"SELECT name, version, sha256, features, params, metrics, recorded_at FROM {MODELS}"
    rows = generation.query(sql).to_pylist()
    return [row | {each: _decode(row[each]) for each in ("features", "params", "metrics")} for row in rows]


def _decode(text: str | None) -> Any:
    return json.loads(text or "{}", parse_constant=lambda _: None)


def _decisions(generation: Generation) -> list[dict[str, Any]]:
    if ALIASES not in generation.versions:
        return []
    sql = f"SELECT name, version, status, reason FROM {ALIASES} WHERE alias = 'champion' ORDER BY recorded_at"
    rows: list[dict[str, Any]] = generation.query(sql).to_pylist()
    return rows


def _champions(generation: Generation) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the last decision by model and version; that on the champion has `is_champion`."""
    decisions = _decisions(generation)
    champion = {each["name"]: each["version"] for each in decisions if each["status"] != "refused"}
    return {
        (each["name"], each["version"]): each | {"is_champion": champion.get(each["name"]) == each["version"]}
        for each in decisions
    }


def _chosen(generation: Generation, query: ModelQuery) -> list[dict[str, Any]]:
    champions = _champions(generation)
    return [
        row
        for row in _versions(generation)
        if row["name"] == CHURN
        and (
            champions.get(_place(row), {}).get("is_champion")
            if query.version is None
            else row["version"] == query.version
        )
    ]


def _of_version(row: Mapping[str, Any], decisions: Mapping[tuple[str, int], Mapping[str, Any]]) -> dict[str, Any]:
    metrics, decision = row["metrics"], decisions.get(_place(row), {})
    figures = metrics.get("metrics", {})
    own = figures.get(FOREST, {})
    days = row["params"].get("days", {})
    return {
        **_key(row),
        "is_champion": bool(decision.get("is_champion")),
        "decision": decision.get("status"),
        "reason": decision.get("reason"),
        "recorded_at": row["recorded_at"],
        "test_date": next((date.fromisoformat(day) for day, split in days.items() if split == "test"), None),
        "train_rows": metrics.get("rows", {}).get("train"),
        "test_rows": metrics.get("rows", {}).get("test"),
        **{name: own.get(name) for name in FIGURES},
        **_beside(metrics, RULE, "rule"),
        **_beside(metrics, BEST, "best"),
        "best_note": " ".join(explain_best(metrics)) or None,
        "features": len(row["features"]),
        "sha256": row["sha256"],
    }


def _beside(metrics: Mapping[str, Any], peer: str, name: str) -> dict[str, Any]:
    """Return the AUC of a peer and the difference to it, null where the version was not compared with it."""
    over = metrics.get("differences", {}).get(peer, {})
    return {
        f"{name}_roc_auc": metrics.get("metrics", {}).get(peer, {}).get("roc_auc"),
        f"roc_auc_over_{name}": over.get("value"),
        f"roc_auc_over_{name}_low": over.get("low"),
        f"roc_auc_over_{name}_high": over.get("high"),
    }


def _key(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": row["name"], "version": row["version"]}


def _place(row: Mapping[str, Any]) -> tuple[str, int]:
    return row["name"], row["version"]


def _answer(generation: Generation, rows: list[dict[str, Any]], schema: pa.Schema, table: str = MODELS) -> Answer:
    return Answer(pa.Table.from_pylist(rows, schema=schema), describe(generation, table))
