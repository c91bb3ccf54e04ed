"""Money: decimal(18,4) per unit, decimal(18,2) as a sum, never a float."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.text_cast import cast_text
from shoplake.declare.currency import WITH_THREE_DIGITS, WITHOUT_MINOR_UNIT

if TYPE_CHECKING:
    from pyspark.sql import Column

UNIT = "decimal(18,4)"
SUM = "decimal(18,2)"
OF_A_RECORD = {UNIT: "decimal(14,4)", SUM: "decimal(12,2)"}
"""What one record may say: less than ten billion, so that sums of ten thousand such records fit into a column."""


def amount(quantity: Column | str, unit_price: Column | str) -> Column:
    """Multiply quantity by unit price; decimal(18,4), null where that is ten billion or more."""
    return bounded(_to_column(quantity) * _to_column(unit_price))


def bounded(number: Column) -> Column:
    """Round a number to decimal(18,4); null where it is ten billion or more."""
    return number.try_cast(OF_A_RECORD[UNIT]).cast(UNIT)


def parse(text: Column | str) -> Column:
    """Read a text as decimal(18,4); null where it is no number, or ten billion or more."""
    return cast_text(_to_column(text), OF_A_RECORD[UNIT]).cast(UNIT)


def total(amounts: Column | str, where: Column | None = None, *, scale: str = SUM) -> Column:
    """Sum `amounts` over the rows with `where`, rounded once at the end to `scale`.

    0 without rows. Unknown amounts are left out; the sum is null where there are rows and no amount is known.
    """
    is_counted = F.lit(True) if where is None else where
    known = F.sum(F.when(is_counted, _to_column(amounts)))
    return F.coalesce(known, F.when(F.count_if(is_counted) == 0, F.lit(0))).cast(scale)


def minor_unit(currency: Column | str) -> Column:
    """Return the smallest amount of a currency: 0.01, but 1 for JPY and 0.001 for KWD; 0.01 for an unknown one."""
    code = F.upper(_to_column(currency))
    unit = (
        F.when(code.isin(*sorted(WITHOUT_MINOR_UNIT)), F.lit(Decimal(1)))
        .when(code.isin(*sorted(WITH_THREE_DIGITS)), F.lit(Decimal("0.001")))
        .otherwise(F.lit(Decimal("0.01")))
    )
    return unit.cast(UNIT)


def ratio(part: Column | str, base: Column | str) -> Column:
    """Divide `part` by `base` as a double; null where the base is 0 or null."""
    return (_to_column(part).cast("double") / F.nullif(_to_column(base).cast("double"), F.lit(0.0))).cast("double")


def _to_column(column_or_name: Column | str) -> Column:
    return F.col(column_or_name) if isinstance(column_or_name, str) else column_or_name
