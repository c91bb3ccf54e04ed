"""Parts of a total as amounts with the decimals of its currency that add up to it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_A_DAY = Decimal("0.015")
"""What rounding can change in the net sales of a day: half a cent each of gross sales, discounts and returns."""


def round_parts(parts: Sequence[Decimal], total: Decimal, days: int, digits: int = 2) -> list[Decimal]:
    """Round parts, by default to cents, so that they add up to a total whose days were rounded to cents one by one.

    The largest part takes what the roundings leave. Where the parts differ from the total by more than rounding can
    explain, they are only rounded: such a difference is real, and has to be seen.
    """
    step = Decimal(1).scaleb(-digits)
    rounded, whole = [part.quantize(step) for part in parts], total.quantize(step)
    if rounded and abs(total - sum(parts)) <= MOST_A_DAY * days:
        largest = max(range(len(parts)), key=lambda place: abs(parts[place]))
        rounded[largest] += whole - sum(rounded)
    return rounded
