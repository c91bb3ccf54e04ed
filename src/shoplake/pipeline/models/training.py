"""Trains churn models with the tables of a lake, registers them, and decides on the champion."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.ml.churn.evaluation.promotion import Comparison, compare
from shoplake.ml.churn.peers import FOREST, RECENCY
from shoplake.ml.churn.rows import TEST, ChurnRows, explain_unknown, split_days
from shoplake.ml.churn.training import fit_model, train_churn
from shoplake.ml.model_errors import ModelFileError, TrainingError
from shoplake.ml.model_file import dump_forest, file_hash
from shoplake.pipeline.models.fingerprint import hash_code, hash_features, hash_rows, library_versions
from shoplake.pipeline.models.known_ceiling import p_churn_at_best
from shoplake.pipeline.models.model_records import NAME, load_record
from shoplake.pipeline.models.registry import FORCED, PROMOTED, REFUSED, ModelRegistry, Stamp

if TYPE_CHECKING:
    from shoplake.ml.churn.training import TrainedChurn
    from shoplake.pipeline.models.churn_tables import ChurnLake

SEED = 7


@dataclass(frozen=True)
class TrainingResult:
    """A registered version, the decision on the champion, and how long the training took.

    `share_unknown` is the share of the lines of goods sold before the test day that were ingested too late to count on
    it.
    """

    row: dict[str, Any]
    comparison: Comparison
    duration_s: float
    share_unknown: float = 0.0


@dataclass(frozen=True)
class Reproduction:
    """Whether training again with the rows of a version gives the bytes of its file."""

    version: int
    recorded: str
    reproduced: str
    differences: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether the files are equal."""
        return self.recorded == self.reproduced


class ChurnTraining:
    """The commands that train, promote and reproduce versions of the model `churn`."""

    def __init__(self, lake: ChurnLake, registry: ModelRegistry, *, trees: int = 300, rounds: int = 1_000) -> None:
        self._lake, self._registry, self._trees, self._rounds = lake, registry, trees, rounds

    def train(self, seed: int = SEED) -> TrainingResult:
        """Train the next version, register it, and promote it if it is as good as the champion on the same rows.

        Raises TrainingError where the history is too short or has too few customers.
        """
        began, stamp = time.perf_counter(), self._stamp()
        lake, registry = self._lake, self._registry
        splits = split_days(*lake.order_span())
        lake.prepare()
        lake.write_features(list(splits))
        version = registry.next_version(NAME)
        lake.write_training_set(splits, version)
        rows = ChurnRows.from_arrow(lake.training_set(version), lake.names)
        test_day = next(day for day, split in splits.items() if split == TEST)
        best = p_churn_at_best(lake.settings.feeds, rows.part(TEST).customers, test_day)
        unknown = lake.share_unknown(test_day)
        try:
            trained = train_churn(rows, seed=seed, trees=self._trees, rounds=self._rounds, best=best)
        except TrainingError as error:
            raise TrainingError(" ".join([str(error), *explain_unknown(unknown)])) from error
        champion = registry.champion(NAME)
        content = dump_forest(trained.model.forest)
        days = {str(day): split for day, split in splits.items()}
        row = self._row(version, content, rows, seed, days, trained, champion)
        registry.register(row, content, stamp)
        comparison = self._compare(trained, rows, champion)
        status = PROMOTED if comparison.is_promoted else REFUSED
        registry.decide(NAME, version, status, comparison.reason, comparison.to_dict(), stamp)
        seconds = time.perf_counter() - began
        registry.record_run("train", NAME, version, "done", f"{status}: {comparison.reason}", seconds, stamp)
        return TrainingResult(registry.version(NAME, version), comparison, seconds, unknown)

    def promote(self, version: int, *, force: bool = False) -> Comparison:
        """Compare a version with the champion on the test rows of the later one, and promote it if it is as good.

        The later one may have been trained with the test rows of the other. With `force` the version is promoted in any
        case, which is recorded. Raises UnknownModelError, ModelFileError.
        """
        began, stamp = time.perf_counter(), self._stamp()
        row, champion = self._registry.version(NAME, version), self._registry.champion(NAME)
        judge = choose_judge(row, champion)
        rows = ChurnRows.from_arrow(self._lake.training_set(judge["version"]), judge["features"]).part(TEST)
        model = load_record(self._lake, self._registry, row).load()
        scores = {
            FOREST: model.probabilities(rows.select(row["features"])),
            RECENCY: rows.column("days_since_last_order"),
        }
        comparison = self._decide(scores, rows, champion)
        status = PROMOTED if comparison.is_promoted else FORCED if force else REFUSED
        self._registry.decide(NAME, version, status, comparison.reason, comparison.to_dict(), stamp)
        outcome = "refused" if status == REFUSED else "done"
        seconds = time.perf_counter() - began
        self._registry.record_run("promote", NAME, version, outcome, f"{status}: {comparison.reason}", seconds, stamp)
        return comparison

    def reproduce(self, version: int) -> Reproduction:
        """Train a version again with its own rows and seed, and compare the files."""
        began, stamp = time.perf_counter(), self._stamp()
        row = self._registry.version(NAME, version)
        rows = ChurnRows.from_arrow(self._lake.training_set(version), row["features"])
        model = fit_model(rows, seed=row["seed"], trees=row["params"]["trees"])
        found = file_hash(dump_forest(model.forest))
        current = {
            "training set": (row["training_set_hash"], hash_rows(rows)),
            "code": (row["code_hash"], hash_code()),
            "libraries": (row["library_versions"], library_versions()),
        }
        differences = tuple(name for name, (before, now) in current.items() if before != now)
        result = Reproduction(version, row["sha256"], found, differences)
        status = "done" if result.is_same else "failed"
        note = f"{found}; changed since: {', '.join(differences) or 'nothing'}"
        seconds = time.perf_counter() - began
        self._registry.record_run("reproduce", NAME, version, status, note, seconds, stamp)
        return result

    def _compare(self, trained: TrainedChurn, rows: ChurnRows, champion: dict[str, Any] | None) -> Comparison:
        return self._decide(trained.scores, rows.part(TEST), champion)

    def _decide(self, scores: dict[str, Any], test: ChurnRows, champion: dict[str, Any] | None) -> Comparison:
        """Compare the forest with the champion on the same rows; with the recency rule where there is none usable."""
        name, opponent = RECENCY, scores[RECENCY]
        if champion is not None:
            try:
                record = load_record(self._lake, self._registry, champion)
                opponent = record.load().probabilities(test.select(champion["features"]))
                name = f"version {champion['version']}"
            except (KeyError, ModelFileError):  # a champion that cannot score these rows keeps nobody out
                name = RECENCY
        is_probability = name != RECENCY
        return compare(
            scores[FOREST], opponent, test.is_churned, name, is_probability=is_probability, rounds=self._rounds
        )

    def _row(
        self,
        version: int,
        content: bytes,
        rows: ChurnRows,
        seed: int,
        days: dict[str, str],
        trained: TrainedChurn,
        champion: dict[str, Any] | None,
    ) -> dict[str, Any]:
        """Return the record of a version."""
        return {
            "name": NAME,
            "version": version,
            "sha256": file_hash(content),
            "size": len(content),
            "seed": seed,
            "features": list(rows.names),
            "features_hash": hash_features(self._lake.features),
            "code_hash": hash_code(),
            "training_set_hash": hash_rows(rows),
            "source_versions": self._lake.source_versions(),
            "library_versions": library_versions(),
            "params": {"trees": self._trees, "days": days, "calibration": trained.model.calibration.to_dict()},
            "metrics": trained.evaluation.to_dict(),
            "parent": champion and champion["version"],
        }

    def _stamp(self) -> Stamp:
        return Stamp(self._lake.run_id, self._lake.state.next_run_time())


def choose_judge(row: dict[str, Any], champion: dict[str, Any] | None) -> dict[str, Any]:
    """Return the record of the version whose test rows decide: the later one, for it may know those of the other.

    It is the version itself without a champion, and where the champion was trained without one of its features.
    """
    if champion is None or not set(row["features"]) <= set(champion["features"]):
        return row
    return max((row, champion), key=_test_day)


def _test_day(row: dict[str, Any]) -> str:
    """Return the test day of a version, as text that sorts as the days do."""
    return max(str(day) for day, split in row["params"]["days"].items() if split == TEST)
