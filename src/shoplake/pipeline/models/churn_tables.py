"""The tables of churn in a lake: feature partitions and training sets are written here, and read as arrays."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pyspark.sql import functions as F

from shoplake.engine import FILES, Partitions, table_exists
from shoplake.errors import DeclarationError
from shoplake.ml.churn.rows import HORIZON_DAYS
from shoplake.ml.model_errors import TrainingError
from shoplake.pipeline.run_recorder import recorded
from shoplake.transforms.features.churn_features import CHURN_FEATURES, SALE
from shoplake.transforms.features.point_in_time import Knowledge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa
    from pyspark.sql import DataFrame, Row

    from shoplake.declare import Feature, Table
    from shoplake.engine import DeltaEngine, StateStore
    from shoplake.pipeline.run_result import ProgressListener
    from shoplake.settings import Settings


@dataclass(frozen=True)
class ChurnTables:
    """The tables that churn is made of: what is read, and what commands write."""

    order_lines: Table[...]
    events: Table[...]
    features: Table[...]
    training_sets: Table[...]
    scores: Table[...]


@dataclass
class ChurnLake:
    """Reads and writes the churn tables of a lake, under its lease. `own` are the project's own features."""

    engine: DeltaEngine
    state: StateStore
    settings: Settings
    tables: ChurnTables
    own: tuple[Feature, ...] = ()
    listener: ProgressListener | None = None
    lease_check: Callable[[], None] = lambda: None
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def features(self) -> tuple[Feature, ...]:
        """The features of a model, in their order. Raises DeclarationError for an own one of another table."""
        sources = {each.qualified_name for each in (self.tables.order_lines, self.tables.events)}
        for each in self.own:
            if each.source not in sources:
                raise DeclarationError(
                    f"The feature '{each.name}' is of {each.source}; churn reads {' and '.join(sorted(sources))}."
                )
        return (*CHURN_FEATURES, *self.own)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features."""
        return tuple(each.name for each in self.features)

    @property
    def meanings(self) -> dict[str, str]:
        """What each feature means."""
        return {each.name: each.meaning for each in self.features}

    @property
    def defaults(self) -> dict[str, float]:
        """The value of each feature of a customer without rows."""
        return {each.name: float(each.default) for each in self.features}

    def prepare(self) -> None:
        """Create the tables that commands write, unless they exist."""
        for table in (self.tables.features, self.tables.training_sets, self.tables.scores):
            self.engine.create_if_missing(table)
        self.state.create_if_missing()

    def order_span(self) -> tuple[date, date]:
        """Return the day of the first order and the day after the last; of several feeds the one that ends first.

        Closed feeds do not count: those without an order in the last 90 days of the lake. Raises TrainingError without
        an order of a known customer.
        """
        rows = self._order_spans()
        if not rows:
            raise TrainingError("The lake has no order of a known customer. Ingest orders first: shoplake run")
        closed = self._closed_feeds(rows)
        spans = [row for row in rows if row["feed"] not in closed]
        return min(row["first"] for row in spans), min(row["last"] for row in spans) + timedelta(days=1)

    @staticmethod
    def _closed_feeds(spans: Sequence[Row]) -> dict[str, date]:
        """Return the last order of each feed that has had none for 90 days when the last of all feeds is placed."""
        end = max((row["last"] for row in spans), default=date.min)
        return {row["feed"]: row["last"] for row in spans if (end - row["last"]).days >= HORIZON_DAYS}

    def _order_spans(self) -> list[Row]:
        """Return the first and the last day with an order of each feed; none where nothing has been ingested."""
        if not self.engine.location(self.tables.order_lines).exists():
            return []
        sales = self.engine.read(self.tables.order_lines).where(F.expr(SALE) & F.col("customer_id").isNotNull())
        spans = sales.groupBy("feed").agg(F.min("order_date").alias("first"), F.max("order_date").alias("last"))
        return spans.collect()

    def write_features(self, days: Sequence[date]) -> None:
        """Write the as-of days that are not in the features yet; a day that is there never changes."""
        table = self.tables.features
        missing = sorted({*map(str, days)} - self.engine.partitions(table, "as_of_date"))
        if missing:
            self.write(table, self._compute_features([date.fromisoformat(day) for day in missing]), missing)

    def features_of(self, day: date) -> DataFrame:
        """Return the features of an as-of day, which are kept from then on.

        Those of a day that has not begun are not kept: what arrives up to its midnight belongs to them too.
        """
        table = self.tables.features
        if not self._has_begun(day) and str(day) not in self.engine.partitions(table, "as_of_date"):
            return self._compute_features([day])
        self.write_features([day])
        return self.engine.read(table).where(F.col("as_of_date") == F.lit(day))

    def _has_begun(self, day: date) -> bool:
        now = self.state.next_run_time()
        return all(now.astimezone(ZoneInfo(feed.timezone)).date() >= day for feed in self.settings.feeds)

    def _compute_features(self, days: Sequence[date]) -> DataFrame:
        return self.tables.features(
            self.engine.read(self.tables.order_lines),
            self.engine.read(self.tables.events),
            feeds=self.settings.feeds,
            as_of=days,
            knowledge=self._knowledge(),
            own=[each for each in self.features if each in self.own],
        )

    def _knowledge(self) -> Knowledge:
        return Knowledge(backfilled_at=self.backfilled_at())

    def share_unknown(self, day: date) -> float:
        """Return the share of the lines of goods sold before an as-of day that were ingested too late to count on it.

        These are sales of known customers. Without any the share is 0.
        """
        sales = self.engine.read(self.tables.order_lines).where(F.expr(SALE) & F.col("customer_id").isNotNull())
        past = sales.where(F.col("order_date") < F.lit(day)).withColumn("as_of_date", F.lit(day))
        is_unknown = ~self._knowledge().is_known(self.settings.feeds)
        [row] = past.agg(F.count("*").alias("lines"), F.count_if(is_unknown).alias("unknown")).collect()
        return row["unknown"] / row["lines"] if row["lines"] else 0.0

    def backfilled_at(self) -> Mapping[str, datetime]:
        """Return when the first files of each feed were ingested: its history, known as it happened."""
        found: dict[str, datetime] = {}
        if not table_exists(self.state.path(FILES)):
            return found
        for row in self.state.read(FILES, ["feed", "state", "recorded_at"]):
            if row["state"] == "ingested":
                found[row["feed"]] = min(row["recorded_at"], found.get(row["feed"], row["recorded_at"]))
        return found

    def write_training_set(self, splits: Mapping[date, str], version: int) -> None:
        """Write the rows that a version of the model is trained, calibrated and tested with.

        Rows of a closed feed count on days whose outcome was over when it closed.
        """
        table = self.tables.training_sets
        days = [F.lit(day) for day in splits]
        features = self.engine.read(self.tables.features).where(F.col("as_of_date").isin(days))
        for feed, last in self._closed_feeds(self._order_spans()).items():
            is_judged = F.col("as_of_date") <= F.lit(last - timedelta(days=HORIZON_DAYS - 1))
            features = features.where((F.col("feed") != feed) | is_judged)
        rows = table(
            features,
            self.engine.read(self.tables.order_lines),
            feeds=self.settings.feeds,
            splits=splits,
            own=self.own,
            model_version=version,
        )
        self.write(table, rows, [str(version)])

    def training_set(self, version: int) -> pa.Table:
        """Return the rows of a version."""
        rows = self.engine.read(self.tables.training_sets).where(F.col("model_version") == version)
        return rows.select("feed", "customer_id", "as_of_date", "split", "is_churned", "features").toArrow()

    def source_versions(self) -> dict[str, Any]:
        """Return the versions of the tables that a training set is made of."""
        sources = (self.tables.order_lines, self.tables.events, self.tables.features, self.tables.training_sets)
        return {each.qualified_name: self.engine.version(each) for each in sources}

    def write(self, table: Table[...], rows: DataFrame, partitions: Sequence[str]) -> None:
        """Overwrite partitions of a table, and record it as a run does."""
        record = recorded(
            self.engine, self.state, self.listener, self.lease_check, feeds=self.settings.feeds, run_id=self.run_id
        )
        with record as recorder, recorder.measure(table) as step:
            step.result = self.engine.write(table, rows, Partitions(frozenset(partitions)))
