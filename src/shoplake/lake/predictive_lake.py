"""Trains, scores and registers models with the tables of a lake."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from shoplake.engine import LakeFrame
from shoplake.errors import MissingExtraError, SettingsError, ShoplakeError
from shoplake.lake.readable_lake import ReadableLake
from shoplake.ml.model_errors import TrainingError
from shoplake.pipeline.models.registry import ModelRegistry
from shoplake.tables.gold.predictions.churn_features import churn_features
from shoplake.tables.gold.predictions.churn_scores import churn_scores
from shoplake.tables.gold.predictions.churn_training_sets import churn_training_sets
from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.transforms.features.churn_features import CHURN_FEATURES
from shoplake.transforms.features.point_in_time import CUSTOMER, KEY, FeatureError, Knowledge, compute_features

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from pyspark.sql import DataFrame

    from shoplake.ml.churn.evaluation.promotion import Comparison
    from shoplake.pipeline.models.churn_tables import ChurnLake
    from shoplake.pipeline.models.mlflow_mirror import MirrorResult
    from shoplake.pipeline.models.scoring import ScoringResult
    from shoplake.pipeline.models.training import ChurnTraining, Reproduction, TrainingResult
    from shoplake.pipeline.runner import ProgressListener

DEFAULT_TREES = 300

log = logging.getLogger("shoplake.models")


class PredictiveLake(ReadableLake):
    """A lake whose models can be trained and asked.

    Models need the extra `ml`; without it these methods raise MissingExtraError. Methods that write raise
    LakeLockedError while another process writes to the lake.
    """

    @property
    def models(self) -> ModelRegistry:
        """The versions of models, and the decisions on their champions."""
        return ModelRegistry(self.state)

    def features(
        self, entities: DataFrame | None = None, *, as_of: Sequence[date], known_at: datetime | None = None
    ) -> LakeFrame:
        """Return the features of customers on as-of days: shoplake's and the project's.

        `entities` have `feed` and `customer_id`; None means every customer with an order or an event before. Rows count
        that happened strictly before the local midnight of the as-of day, and had been ingested by then, or by
        `known_at`. The history that a feed began with counts as known when it happened. Raises FeatureError for a
        `known_at` without a time zone, and for entities that lack one of their columns.
        """
        if entities is not None and (missing := [name for name in CUSTOMER if name not in entities.columns]):
            raise FeatureError(f"The entities have no column '{missing[0]}'. They need feed and customer_id.")
        with self._working():
            declared = (*CHURN_FEATURES, *self.project.features)
            sources = {name: self._read(name) for name in {each.source for each in declared}}
            knowledge = Knowledge(known_at, self._churn_lake().backfilled_at())
            rows = compute_features(declared, sources, entities, as_of, self.settings.feeds, knowledge)
            return LakeFrame(rows, [*KEY, *(each.name for each in declared)])

    def train_churn(
        self, *, seed: int = 7, trees: int = DEFAULT_TREES, listener: ProgressListener | None = None
    ) -> TrainingResult:
        """Train the next version of the model `churn`, and promote it if it is as good as the champion.

        The registry is then mirrored to MLflow where the settings name it; a failure of that is logged. Raises
        TrainingError where the history is too short or has too few customers.
        """
        with self._training("shoplake train churn", listener, trees) as training:
            result = training.train(seed)
        self._mirror_quietly()
        return result

    def promote_churn(self, version: int, *, force: bool = False) -> Comparison:
        """Promote a version if it is as good as the champion on the same rows; with `force` in any case."""
        with self._training("shoplake models promote") as training:
            comparison = training.promote(version, force=force)
        self._mirror_quietly()
        return comparison

    def mirror_models(self, tracking_uri: str | None = None) -> MirrorResult:
        """Copy the versions of churn to MLflow, by default where the settings say, and mark the champion there.

        Repeated calls copy nothing twice. Raises SettingsError without an address, and ModelMirrorError where MLflow
        refuses.
        """
        from shoplake.pipeline.models.mlflow_mirror import mirror_models

        address = tracking_uri or self.settings.mlflow
        if address is None:
            raise SettingsError('The address of MLflow is not set. Write mlflow = "URI" below [models], or add --to.')
        return mirror_models(self.models, "churn", address)

    def _mirror_quietly(self) -> None:
        """Mirror the models where the settings say; the lake's command succeeds in any case."""
        if self.settings.mlflow is not None:
            try:
                self.mirror_models()
            except ShoplakeError as error:
                log.warning("%s", error)

    def reproduce_churn(self, version: int) -> Reproduction:
        """Train a version again with its own rows and seed, and compare the bytes of the files."""
        with self._training("shoplake models reproduce") as training:
            return training.reproduce(version)

    def score_churn(self, as_of: date | None = None, listener: ProgressListener | None = None) -> ScoringResult:
        """Score customers by the champion on `as_of`, by default the day after the last order.

        Raises TrainingError without a champion, ModelFileError where its file is not the registered one.
        """
        check_extra()
        from shoplake.pipeline.models.scoring import score_churn

        with self._updating("shoplake score churn") as lease:
            return score_churn(self._churn_lake(listener, lease.check), self.models, as_of)

    def retrain_if_due(self, listener: ProgressListener | None = None) -> bool:
        """Train and score churn if its last version is as old as `retrain` in the settings; return whether it was.

        Does nothing without that setting. A history that is too short for a training is logged, and so is a version
        that is not promoted where no other can score.
        """
        days = self.settings.retrain_days
        if days is None:
            return False
        versions = self.models.versions("churn")
        if versions and datetime.now(UTC) - versions[-1]["recorded_at"] < timedelta(days=days):
            return False
        try:
            self.train_churn(listener=listener)
        except TrainingError as error:
            log.warning("churn is not trained: %s", error)
            return False
        try:
            self.score_churn(listener=listener)
        except TrainingError as error:
            log.warning("churn is not scored: %s", error)
        return True

    def write_churn_report(self, version: int, **campaign: float) -> str:
        """Write `report.html` and the model card beside the file of a version; return the report's path.

        The profit curve assumes a campaign: its `margin`, `contact_cost` and `save_rate`, as `Campaign` has them.
        """
        from shoplake.ml.churn.evaluation.decision import Campaign
        from shoplake.ml.churn.evaluation.report import render_model_card, render_report

        row = self.models.version("churn", version)
        folder = row["path"].rpartition("/")[0]
        self.models.write_file(f"{folder}/model_card.md", render_model_card(row).encode())
        return self.models.write_file(f"{folder}/report.html", render_report(row, Campaign(**campaign)).encode())

    @contextmanager
    def _training(
        self, owner: str, listener: ProgressListener | None = None, trees: int = DEFAULT_TREES
    ) -> Iterator[ChurnTraining]:
        check_extra()
        from shoplake.pipeline.models.training import ChurnTraining

        with self._updating(owner) as lease:
            yield ChurnTraining(self._churn_lake(listener, lease.check), self.models, trees=trees)

    def _churn_lake(self, listener: ProgressListener | None = None, lease_check: Any = lambda: None) -> ChurnLake:
        from shoplake.pipeline.models.churn_tables import ChurnLake, ChurnTables

        tables = ChurnTables(order_lines, events, churn_features, churn_training_sets, churn_scores)
        own = self.project.features
        return ChurnLake(self.engine, self.state, self.settings, tables, own, listener, lease_check)


def check_extra() -> None:
    """Raise MissingExtraError unless scikit-learn and skops are installed."""
    from importlib.util import find_spec

    if find_spec("sklearn") is None or find_spec("skops") is None:
        raise MissingExtraError("A model of churn", "ml")
