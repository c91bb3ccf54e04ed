"""What scoring a million customers costs: `python benchmarks/score_churn.py --save`.

A forest of 300 trees is fitted to 33,000 rows of as many features as `gold.churn_features` has. In a lake whose order
lines and events are drawn, `shoplake score churn` makes the features of an as-of day, scores them with reasons and
writes `gold.churn_scores`: the wall and CPU seconds of the whole command, in a process of its own. Beside it the forest
alone, by one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from process import Measurement, measure
from report import Finding, save_result
from score_churn_lake import AS_OF, build_lake

from shoplake.ml.churn.batch_scorer import BatchScorer, ModelRecord
from shoplake.ml.churn.calibration import IDENTITY
from shoplake.ml.churn.forest import fit_forest
from shoplake.ml.model_file import dump_forest, file_hash
from shoplake.transforms.features.churn_features import CHURN_FEATURES

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier

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


def score_forest(forest: RandomForestClassifier, customers: int) -> float:
    """Return the CPU seconds of scoring a million customers with reasons by one thread."""
    content = dump_forest(forest)
    scorer = BatchScorer(ModelRecord(1, content, file_hash(content), NAMES, IDENTITY.to_dict(), {}))
    batches = make_batches(customers)
    list(scorer(iter([batches[0].slice(0, 1)])))
    began = time.process_time()
    rows: int = sum(each.num_rows for each in scorer(iter(batches)))
    return (time.process_time() - began) * 1e6 / rows


def score_lake(folder: Path) -> tuple[Measurement, int]:
    """Run `shoplake score churn` in a lake; return what it took, and how many customers it scored."""
    command = ["shoplake", "score", "churn", "--as-of", AS_OF, "--config", str(folder / "shoplake.toml"), "--json"]
    command[0] = str(Path(sys.executable).with_name("shoplake"))
    taken = measure(command, folder / "log")
    return taken, json.loads(taken.stdout)["customers"]


def describe(taken: Measurement, customers: int, alone: float, load: float) -> Finding:
    """Return the finding of the result page."""
    row = (f"{customers:,}", f"{taken.seconds:.1f}", f"{taken.cpu_seconds:.1f}", f"{taken.peak_mb:,}", f"{alone:.1f}")
    return Finding(
        "How long does scoring churn take?",
        ("customers", "s", "CPU s", "peak MiB", "forest alone, CPU s per million"),
        [row],
        "1,000,000 customers in at most 30 s on two cores",
        "The whole command: features of the as-of day from about 8 lines of orders and 2 events a customer, scores by "
        f"300 trees with reasons, and the table is written. The load average before it was {load:.1f}.",
    )


def main() -> None:
    """Fit, build, score and print; save the result where wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_030_000, help="of whom 2 % have cancelled")
    parser.add_argument("--trees", type=int, default=300)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    forest = fit_forest(*draw_rows(TRAIN_ROWS, 1), seed=1, trees=options.trees)
    alone = score_forest(forest, min(options.customers, 200_000))
    with tempfile.TemporaryDirectory() as folder:
        build_lake(Path(folder) / "shop", options.customers, forest, NAMES)
        load = os.getloadavg()[0]
        taken, customers = score_lake(Path(folder) / "shop")
    finding = describe(taken, customers, alone, load)
    print(*finding.columns, sep=" | ")
    print(*finding.rows[0], sep=" | ")
    if options.save:
        print(save_result("score_churn", finding, {"taken": vars(taken) | {"stdout": ""}, "forest_cpu_s": alone}))


if __name__ == "__main__":
    main()
