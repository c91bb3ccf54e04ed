"""Parts of a total as amounts with two decimals that add up to it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CENT = Decimal("0.01")
MOST_A_DAY = Decimal("0.015")
"""What rounding can change in the net sales of a day: half a cent each of gross sales, discounts and returns."""


def round_parts(parts: Sequence[Decimal], total: Decimal, days: int) -> list[Decimal]:
    """Round parts to cents so that they add up to a total whose days were rounded one by one.

    The largest part takes what the roundings leave. Where the parts differ from the total by more than rounding can
    explain, they are only rounded: such a difference is real, and has to be seen.
    """
    rounded = [part.quantize(CENT) for part in parts]
    if rounded and abs(total - sum(parts)) <= MOST_A_DAY * days:
        largest = max(range(len(parts)), key=lambda place: abs(parts[place]))
        rounded[largest] += total - sum(rounded)
    return rounded
