"""Money as whole ten-thousandths of a currency unit, so that unit prices with four decimals are exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from shoplake.simulate.rng import Ints

UNIT = 10_000
CENT = UNIT // 100


@overload
def round_to_cents(amount: int) -> int: ...
@overload
def round_to_cents(amount: Ints) -> Ints: ...
def round_to_cents(amount: int | Ints) -> int | Ints:
    """Round to whole cents, half a cent away from zero."""
    if isinstance(amount, int):
        sign = -1 if amount < 0 else 1
        return sign * ((abs(amount) + CENT // 2) // CENT) * CENT
    rounded: Ints = np.sign(amount) * ((np.abs(amount) + CENT // 2) // CENT) * CENT
    return rounded


def format_amount(amount: int) -> str:
    """Format with two decimals, or with four where the amount has parts of a cent."""
    sign, size = "-" if amount < 0 else "", abs(amount)
    whole, part = divmod(size, UNIT)
    return f"{sign}{whole}.{part:04}" if part % CENT else f"{sign}{whole}.{part // CENT:02}"


def format_amounts(amounts: Ints) -> pa.StringArray:
    """Format many amounts; equal ones are formatted once."""
    distinct, positions = np.unique(amounts, return_inverse=True)
    return pa.array([format_amount(amount) for amount in distinct.tolist()], pa.string()).take(pa.array(positions))


def to_decimals(amounts: Ints, scale: int = 4) -> pa.Array:
    """Convert to decimal(18, `scale`), whose last place must hold the amount exactly."""
    step = 10 ** (4 - scale)
    numbers = np.ascontiguousarray(amounts // step, dtype=np.int64)
    halves = np.stack([numbers, numbers >> 63], axis=1)
    return pa.Array.from_buffers(pa.decimal128(18, scale), len(numbers), [None, pa.py_buffer(halves)])
