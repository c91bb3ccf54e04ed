"""CPU time of scoring customers by a forest of the size that is trained: `python benchmarks/score_churn.py`.

A forest of 300 trees is fitted to 33,000 rows of as many features as `gold.churn_features` has, written and loaded as a
model file, and scores batches with reasons, as the engine's workers do. Printed are seconds per million customers.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pyarrow as pa

from shoplake.ml.churn.batch_scorer import BatchScorer, ModelRecord
from shoplake.ml.churn.calibration import IDENTITY
from shoplake.ml.churn.forest import fit_forest
from shoplake.ml.model_file import dump_forest, file_hash
from shoplake.transforms.features.churn_features import CHURN_FEATURES

NAMES = tuple(each.name for each in CHURN_FEATURES)
TRAIN_ROWS, BATCH = 33_000, 10_000


def draw_rows(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return features of customers, and outcomes that depend on some of them."""
    rng = np.random.default_rng(seed)
    values = np.round(rng.gamma(1.0, 40.0, (count, len(NAMES))))
    odds = values[:, 0] / 40 - values[:, 1] / 60 + values[:, 2] / 80 - 1
    return values, (rng.random(count) < 1 / (1 + np.exp(-odds))).astype(float)


def make_batches(customers: int) -> list[pa.RecordBatch]:
    """Return batches with the columns of `gold.churn_features`."""
    values, _ = draw_rows(customers, 2)
    columns = {name: pa.array(values[:, place]) for place, name in enumerate(NAMES)}
    keys = {"feed": ["shop"] * customers, "customer_id": [f"C{number}" for number in range(customers)]}
    day = pa.array([20_000] * customers, pa.int32()).cast(pa.date32())
    rows = pa.RecordBatch.from_pydict({**keys, "as_of_date": day, **columns, "own_features": ["{}"] * customers})
    return [rows.slice(start, BATCH) for start in range(0, customers, BATCH)]


def main() -> None:
    """Fit, load and score, and print the CPU time of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--trees", type=int, default=300)
    options = parser.parse_args()
    began = time.process_time()
    forest = fit_forest(*draw_rows(TRAIN_ROWS, 1), seed=1, trees=options.trees)
    fitted = time.process_time()
    content = dump_forest(forest)
    scorer = BatchScorer(ModelRecord(1, content, file_hash(content), NAMES, IDENTITY.to_dict(), {}))
    batches = make_batches(options.customers)
    list(scorer(iter([batches[0].slice(0, 1)])))
    loaded, wall = time.process_time(), time.perf_counter()
    rows = sum(each.num_rows for each in scorer(iter(batches)))
    scored, took = time.process_time() - loaded, time.perf_counter() - wall
    nodes = sum(each.tree_.node_count for each in forest.estimators_)
    print(f"{options.trees} trees, {nodes:,} nodes, {len(content) / 1e6:.1f} MB; fitted in {fitted - began:.1f} CPU s")
    print(f"{rows:,} customers: {scored * 1e6 / rows:.1f} CPU s and {took * 1e6 / rows:.1f} s per million, one thread")


if __name__ == "__main__":
    main()
