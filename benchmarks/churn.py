"""Churn on a simulated shop whose ceiling is known: `python benchmarks/churn.py --seeds 1 2 3 4 5`.

For each seed a shop of 10,000 customers and about 50,000 orders over 730 days is simulated, its orders are ingested,
and a model is trained as `shoplake train churn` does. Printed are the AUC, Brier score and calibration of all models on
the test day, beside the exact posterior probability of the simulation's parameters (the best possible) and their means.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from shoplake import tables
from shoplake.declare import Feed
from shoplake.declare.catalog import Catalog
from shoplake.engine import EngineRuntime, StateStore
from shoplake.feeds import ZENITH
from shoplake.lake.predictive_lake import PredictiveLake
from shoplake.ml.churn.evaluation.ceiling import BEST
from shoplake.ml.churn.evaluation.metrics import bootstrap_auc_difference, evaluate, roc_auc
from shoplake.ml.churn.rows import TEST, ChurnRows
from shoplake.pipeline.models.known_ceiling import p_churn_at_best
from shoplake.pipeline.runner import PipelineRun
from shoplake.project import Project
from shoplake.settings import Settings
from shoplake.simulate.realistic import generate_realistic

ZONE, CEILING = "Europe/London", "ceiling"
COLUMNS = ("roc_auc", "brier", "calibration_slope", "calibration_intercept", "ece", "lift_at_10")


def build_lake(folder: Path, seed: int, orders: int, customers: int, starts_on: date, days: int) -> Settings:
    """Simulate a shop without events and ingest the tables that churn needs."""
    landing = folder / "landing"
    shop = {"orders": orders, "customers": customers, "days": days, "starts_on": starts_on, "timezone": ZONE}
    generate_realistic(landing, seed=seed, events=0, features=(), **shop)  # type: ignore[arg-type]
    settings = Settings(str(folder / "lake"), (Feed("shop", ZENITH, str(landing), ZONE, "GBP"),))
    every = Catalog.from_package(tables)
    wanted = {name for name in every if every[name].layer == "bronze"} | _upstream(every, "order_lines")
    engine = EngineRuntime().open_engine(settings)
    PipelineRun(engine, Catalog([every[name] for name in wanted]), StateStore(settings.lake), settings).execute()
    return settings


def _upstream(catalog: Catalog, name: str) -> set[str]:
    return {name}.union(*[_upstream(catalog, each) for each in catalog[name].inputs])


def measure(
    folder: Path, seed: int, *, orders: int, customers: int, starts_on: date, days: int, trees: int
) -> dict[str, Any]:
    """Return the figures of all models and of the ceiling on one shop, and the seconds of the training."""
    settings = build_lake(folder, seed, orders, customers, starts_on, days)
    lake = PredictiveLake(settings, project=Project())
    began = time.process_time()
    result = lake.train_churn(seed=seed, trees=trees)
    seconds = time.process_time() - began
    row = result.row
    day = next(date.fromisoformat(day) for day, split in row["params"]["days"].items() if split == TEST)
    found = lake.engine.read(lake.find("gold.churn_training_sets")).where(f"model_version = {row['version']}")
    test = ChurnRows.from_arrow(found.toArrow(), row["features"]).part(TEST)
    best = p_churn_at_best(settings.feeds, test.customers, day)
    if best is None:
        raise RuntimeError(f"{folder} has no ground truth.")
    scored = lake._churn_lake()
    from shoplake.pipeline.models.model_records import load_record

    forest = load_record(scored, lake.models, row).load().probabilities(test.values)
    single = {name: roc_auc(test.column(name), test.is_churned) for name in test.names}
    others = {name: each for name, each in row["metrics"]["metrics"].items() if name != BEST}
    return {
        "seed": seed,
        "cpu_s": seconds,
        "wall_s": result.duration_s,
        "models": {CEILING: evaluate(best, test.is_churned).to_dict()} | others,
        "below_ceiling": vars(bootstrap_auc_difference(best, forest, test.is_churned, rounds=300)),
        "above_rule": row["metrics"]["differences"]["recency rule"],
        "best_single_feature": max((max(auc, 1 - auc), name) for name, auc in single.items()),
    }


def means(results: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the mean over seeds of each figure by model."""
    return {
        model: {
            name: statistics.fmean(each["models"][model][name] for each in results)
            for name in COLUMNS
            if results[0]["models"][model][name] is not None
        }
        for model in results[0]["models"]
    }


def missed_bars(results: list[dict[str, Any]]) -> list[str]:
    """Return the bars that the means over the seeds miss; none where all are met.

    A model above the ceiling by more than its sampling error knows the future, and misses a bar too.
    """
    mean = means(results)
    forest, best, rule = (mean[name] for name in ("forest", CEILING, "recency rule"))
    above_rule = forest["roc_auc"] - rule["roc_auc"]
    bars = {
        "AUC ≥ ceiling - 0.010": forest["roc_auc"] >= best["roc_auc"] - 0.010,
        "AUC ≤ ceiling + 0.009": forest["roc_auc"] <= best["roc_auc"] + 0.009,
        "AUC ≥ rule + 0.012": above_rule >= 0.012 and min(each["above_rule"]["low"] for each in results) > 0,
        "slope 0.9 to 1.1": 0.9 <= forest["calibration_slope"] <= 1.1,
        "ECE ≤ 0.025": forest["ece"] <= 0.025,
        "Brier ≤ ceiling + 0.004": forest["brier"] <= best["brier"] + 0.004,
        "lift at 10 % ≥ 0.97 × ceiling": forest["lift_at_10"] >= 0.97 * best["lift_at_10"],
        "no single feature near the ceiling": all(
            each["best_single_feature"][0] < each["models"][CEILING]["roc_auc"] - 0.002 for each in results
        ),
    }
    return [bar for bar, is_met in bars.items() if not is_met]


def main() -> None:
    """Measure the shops of the seeds and print the means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--orders", type=int, default=50_000)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--starts-on", type=date.fromisoformat, default=date(2024, 8, 1))
    parser.add_argument("--trees", type=int, default=300)
    options = vars(parser.parse_args())
    results = []
    for seed in options.pop("seeds"):
        with tempfile.TemporaryDirectory() as folder:
            results.append(measure(Path(folder), seed, **options))
        print(json.dumps(results[-1]), flush=True)
    for model, figures in means(results).items():
        print(f"{model:13}", {name: round(value, 4) for name, value in figures.items()})
    print("missed:", ", ".join(missed_bars(results)) or "none")


if __name__ == "__main__":
    main()
