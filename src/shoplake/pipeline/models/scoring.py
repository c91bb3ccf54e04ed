"""Scores the customers of a lake by the champion, distributed over the engine."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.ml.churn.batch_scorer import BatchScorer
from shoplake.ml.model_errors import TrainingError
from shoplake.pipeline.models.model_records import NAME, has_changed_features, load_record
from shoplake.pipeline.models.registry import Stamp

if TYPE_CHECKING:
    from datetime import date

    from shoplake.pipeline.models.churn_tables import ChurnLake
    from shoplake.pipeline.models.registry import ModelRegistry


@dataclass(frozen=True)
class ScoringResult:
    """The as-of day that was scored: customers, their mean probability, and by which version.

    `data_end` is the day after the last order, after which the data knows nothing. `has_changed_features` says whether
    the version was trained with other definitions of its features.
    """

    version: int
    as_of: date
    data_end: date
    customers: int
    mean_probability: float
    duration_s: float
    has_changed_features: bool = False


def _how_to_have_one(registry: ModelRegistry) -> str:
    if not (versions := registry.versions(NAME)):
        return "Train one: shoplake train churn"
    last = versions[-1]["version"]
    return (
        f"Version {last} is not sound enough; shoplake models show {last} says why. Train again when there are more "
        f"orders, or promote it in any case: shoplake models promote {last} --force"
    )


def score_churn(lake: ChurnLake, registry: ModelRegistry, as_of: date | None = None) -> ScoringResult:
    """Score all customers with an order in the year before `as_of` (default: the day after the last order).

    Scores of the day by another version are replaced. Raises TrainingError without a champion, or where one of its
    features is not declared any more; ModelFileError where its file is not the registered one.
    """
    began = time.perf_counter()
    champion = registry.champion(NAME)
    if champion is None:
        raise TrainingError(f"No version of the model 'churn' is the champion. {_how_to_have_one(registry)}")
    is_changed = has_changed_features(lake, champion)
    lake.prepare()
    scorer = BatchScorer(load_record(lake, registry, champion))
    with ThreadPoolExecutor(1) as pool:  # the model is loaded while the engine makes the features
        prepared = pool.submit(scorer.prepare)
        data_end = lake.order_span()[1]
        day = as_of or data_end
        rows = lake.features_of(day)
        prepared.result()  # a file that was swapped is refused before anything is scored
    lake.write(lake.tables.scores, lake.tables.scores(rows, scorer=scorer), [str(day)])
    scores = lake.engine.read(lake.tables.scores).where(F.col("as_of_date") == F.lit(day))
    [total] = scores.agg(F.count("*").alias("customers"), F.avg("churn_probability").alias("mean")).collect()
    counts = total["customers"], total["mean"] or 0.0
    result = ScoringResult(champion["version"], day, data_end, *counts, time.perf_counter() - began, is_changed)
    stamp = Stamp(lake.run_id, lake.state.next_run_time())
    note = f"{result.customers} customers as of {day}"
    registry.record_run("score", NAME, result.version, "done", note, result.duration_s, stamp)
    return result
