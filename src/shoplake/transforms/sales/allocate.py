"""Allocates an amount of a group over its rows, to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns.money import UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column, DataFrame

EXACT = "decimal(19,0)"
"""Type of counts of 0.0001; a product of two of them has 38 digits."""
TEN_THOUSANDTH = Decimal("0.0001")


def allocate(
    rows: DataFrame, group: Sequence[str], *, total: str, weight: str, step: Column, order_by: str, into: str
) -> DataFrame:
    """Add the column `into`: the part of the group's `total` that a row has in proportion to its `weight`.

    `total` is equal in all rows of a group, `weight` not negative; both are decimal(18,4), null counts as 0. Parts are
    multiples of `step` (an amount such as 0.01) by the largest remainder; at equal remainders the row that is first by
    `order_by`, which is unique in a group, has more. What of the total is less than a step goes to the next row, so
    that the parts always add up to the total. A row without weight has nothing; without any weight the rows have equal
    ones. Columns that begin with `_` are added too.
    """
    of_group = Window.partitionBy(*group)
    sizes = {"_total": F.abs(total), "_weight": F.col(weight), "_step": step}
    sized = rows.withColumns({name: _ten_thousandths(size) for name, size in sizes.items()})
    weights = sized.withColumns(
        {
            "_units": ((F.col("_total") - F.col("_total") % F.col("_step")) / F.col("_step")).cast(EXACT),
            "_weights": F.sum("_weight").over(of_group).cast(EXACT),
            "_rows": F.count("*").over(of_group).cast(EXACT),
        }
    )
    weighted = weights.withColumns(
        {
            "_weight": F.when(F.col("_weights") == 0, F.lit(1)).otherwise(F.col("_weight")).cast(EXACT),
            "_weights": F.when(F.col("_weights") == 0, F.col("_rows")).otherwise(F.col("_weights")).cast(EXACT),
        }
    )
    product = F.col("_units") * F.col("_weight")
    shared = weighted.withColumns(
        {"_share": F.expr("(_units * _weight) div _weights"), "_rest": product % F.col("_weights")}
    )
    largest = of_group.orderBy(F.desc("_rest"), F.col("_weight") == 0, F.asc(order_by))
    ranked = shared.withColumns(
        {"_extra": F.col("_units") - F.sum("_share").over(of_group), "_position": F.row_number().over(largest)}
    )
    part = (_part() * F.lit(TEN_THOUSANDTH)).cast(UNIT)
    return ranked.withColumn(into, F.when(F.col(total) < 0, -part).otherwise(part).cast(UNIT))


def _part() -> Column:
    """Return the size of a row's part: its share, a step more for the first rows, what is left for the next."""
    share = F.col("_share") + F.when(F.col("_position") <= F.col("_extra"), F.lit(1)).otherwise(F.lit(0))
    below_step = F.col("_total") - F.col("_units") * F.col("_step")
    left = F.when(F.col("_position") == F.col("_extra") + 1, below_step).otherwise(F.lit(0))
    return (share * F.col("_step") + left).cast(EXACT)


def _ten_thousandths(amount: Column) -> Column:
    return (F.coalesce(amount, F.lit(0)).cast(UNIT) * F.lit(10_000)).cast(EXACT)
