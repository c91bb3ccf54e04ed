"""The numbers of a funnel, and the list of members behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.money import ratio
from shoplake.transforms.funnel.attempts import find_attempts

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.transforms.funnel.definition import Funnel, State

STATES = ("converted", "dropped", "open")
SHARES = {"p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}
TIME_COLUMNS = tuple(f"{since}_{name}_s" for since in ("from_previous", "from_start") for name in SHARES)
CHART_COLUMNS = (
    *("feed", "segment", "step", "name", "entered", "converted", "dropped", "open"),
    *("rate_of_closed", "rate_from_start", *TIME_COLUMNS),
)
MEMBER_COLUMNS = (
    *("feed", "segment", "unit_id", "attempt", "step", "name", "state", "started_at", "step_at"),
    *("from_previous_s", "from_start_s"),
)


def funnel(events: DataFrame, definition: Funnel) -> DataFrame:
    """Return one row per feed, segment and step: `CHART_COLUMNS`.

    Who has reached the step before has `entered` a step, and has `converted`, `dropped` or is still `open`:
    entered = converted + dropped + open. A member is open while an attempt can still convert by events after the end of
    the data, so a young attempt is no drop-off. `rate_of_closed` is converted / (converted + dropped),
    `rate_from_start` converted / entered of step 1; both are null where the base is 0. The times are exact percentiles
    in seconds, interpolated, over those who converted. The counts are those of `funnel_members`.
    """
    members = _classify(events, definition)
    by_step = members.groupBy("feed", "segment", "step", "name")
    counts = by_step.agg(
        *count_states(F.lit(1)),
        F.count("*").alias("started"),
        *[_percentile(name) for name in TIME_COLUMNS],
    )
    return counts.select(
        *CHART_COLUMNS[:8],
        (ratio("converted", F.col("converted") + F.col("dropped"))).alias("rate_of_closed"),
        ratio("converted", "started").alias("rate_from_start"),
        *TIME_COLUMNS,
    )


def funnel_members(events: DataFrame, definition: Funnel, step: int, state: State) -> DataFrame:
    """Return who is in a state at a step, one row per member and attempt: `MEMBER_COLUMNS`.

    There are as many rows as the number that `funnel` has for the step and the state, over all segments.
    """
    rows = _classify(events, definition).where((F.col("step") == step) & (F.col("state") == state))
    return rows.select(*MEMBER_COLUMNS)


def add_states(attempts: DataFrame, steps: int) -> DataFrame:
    """Return one row per attempt and step: its columns, `step` from 1, and `state`, null where a step is not entered.

    `attempts` has `reached`, the number of steps reached in order, and `is_open`. Rows may stand for several attempts.
    """
    rows = attempts.withColumn("step", F.explode(F.array(*[F.lit(number) for number in range(1, steps + 1)])))
    is_next = F.col("step") == F.col("reached") + 1
    state = (
        F.when(F.col("step") <= F.col("reached"), "converted")
        .when(is_next & F.col("is_open"), "open")
        .when(is_next, "dropped")
    )
    return rows.withColumn("state", state)


def count_states(attempts: Column) -> list[Column]:
    """Return the aggregates entered, converted, dropped and open of rows of `add_states`.

    `attempts` is the number of attempts that a row stands for.
    """
    counted = {"entered": F.col("state").isNotNull()} | {name: F.col("state") == name for name in STATES}
    return [
        F.coalesce(F.sum(F.when(is_counted, attempts)), F.lit(0)).cast("bigint").alias(name)
        for name, is_counted in counted.items()
    ]


def _classify(events: DataFrame, definition: Funnel) -> DataFrame:
    """Return one row per attempt and step, with a state where the step before is reached."""
    rows = add_states(find_attempts(events, definition), len(definition.steps))
    at = {name: F.get("step_times", F.col("step") - back) for name, back in (("step_at", 1), ("previous_at", 2))}
    timed = rows.select("*", *[time.alias(name) for name, time in at.items()])
    started_at = F.get("step_times", F.lit(0))
    return timed.select(
        "*",
        _step_name(definition).alias("name"),
        started_at.alias("started_at"),
        _seconds("previous_at").alias("from_previous_s"),
        F.when(F.col("step") > 1, _seconds(started_at)).alias("from_start_s"),
    )


def _step_name(definition: Funnel) -> Column:
    """Return the event name of a step; in any order a step is a number of steps done."""
    if definition.order == "any":
        return F.concat(F.lit("any "), F.col("step").cast("string"))
    names = F.array(*[F.lit(name) for name in definition.steps])
    return F.get(names, F.col("step") - 1)


def _seconds(since: Column | str) -> Column:
    """Return the seconds from a time to the step's; null where one of them is missing."""
    return (F.unix_micros("step_at") - F.unix_micros(since)).cast("double") / F.lit(1_000_000.0)


def _percentile(name: str) -> Column:
    column, share, _ = name.rsplit("_", 2)
    return F.percentile(f"{column}_s", SHARES[share]).alias(name)
