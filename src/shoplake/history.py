"""Slowly changing dimensions, type 2, as one function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column, DataFrame, WindowSpec

    from shoplake.declare import History


def history(changes: DataFrame, key: Sequence[str], write: History) -> DataFrame:
    """Every version of a key, true from `valid_from` up to, but not including, `valid_to`.

    A change that changes nothing makes no version; null to a value and back are changes. A deletion ends the version;
    a change after it begins one, of which only is known what that change says. Of several changes of a key at one
    moment the greatest by sequence counts, then a deletion, then the greatest by its other columns as text; those that
    say only some columns count each for its own. So the order of arrival does not matter.
    The version true now has no `valid_to`, and `is_current`. `valid_to_month` is the month of `valid_to`.
    """
    at, facts = write.changed_at, facts_of(changes, key, write)
    by_key = Window.partitionBy(*key)
    in_order = by_key.orderBy(at, *_order(facts, write))
    later = F.lead(at).over(in_order)
    known = changes.withColumns({"_later": later, "_alive": _is_alive(write), **_carried(facts, write, in_order)})
    last_word = known.where(F.col("_later").isNull() | (F.col("_later") > F.col(at)))

    in_time = by_key.orderBy(at)
    told = F.struct(*facts)
    was_alive = F.coalesce(F.lag("_alive").over(in_time), F.lit(False))
    differs = ~told.eqNullSafe(F.lag(told).over(in_time))
    turns = last_word.withColumns({"_was_alive": was_alive, "_differs": differs})
    kept = turns.where((F.col("_alive") != F.col("_was_alive")) | (F.col("_alive") & F.col("_differs")))
    until = kept.withColumn("_until", F.lead(at).over(in_time))
    return until.where("_alive").select(
        *key,
        *facts,
        F.col(at).alias("valid_from"),
        F.col("_until").alias("valid_to"),
        F.col("_until").isNull().alias("is_current"),
        month("_until").alias("valid_to_month"),
    )


def facts_of(changes: DataFrame, key: Sequence[str], write: History) -> list[str]:
    """The columns of changes that are neither the key nor say when or how."""
    return [name for name in changes.columns if name not in (*key, write.changed_at, *write.controls)]


def month(at: str) -> Column:
    """The first day of the month of a UTC time."""
    return F.trunc(F.col(at).cast("date"), "month")


def _order(facts: Sequence[str], write: History) -> list[Column]:
    """What decides among the changes of a key at one moment; the last one counts."""
    order = [F.asc_nulls_first(write.sequence)] if write.sequence else []
    if write.operation:
        order.append(_is_alive(write).desc())
    if write.sets:
        order.append(F.col(write.sets).isNotNull().asc())
    return [*order, *[F.col(name).cast("string").asc_nulls_first() for name in facts]]


def _is_alive(write: History) -> Column:
    """Whether a change leaves its key in being."""
    if write.operation is None:
        return F.lit(True)
    return F.coalesce(F.col(write.operation) != "delete", F.lit(True))


def _carried(facts: Sequence[str], write: History, in_order: WindowSpec) -> dict[str, Column]:
    """The facts with what a change does not say carried forward from those before it."""
    if write.sets is None:
        return {}
    so_far = in_order.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    carried = {}
    for name in facts:
        is_said = F.coalesce(F.array_contains(write.sets, name), F.lit(True)) | ~_is_alive(write)
        value = F.when(_is_alive(write), F.col(name))
        said = F.when(is_said, F.struct(value.alias("value")))
        carried[name] = F.last(said, ignorenulls=True).over(so_far)["value"]
    return carried
