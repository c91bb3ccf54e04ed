"""Vectorised text: fixed-width fields in a byte matrix, pieces joined by Arrow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoplake.simulate.calendar import DAY, SECOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shoplake.simulate.rng import Bytes, Ints

TIME = "2026-03-01T00:00:00.000Z"
HEX = "0" * 16


def _byte_rows(texts: list[str]) -> Bytes:
    return np.frombuffer("".join(texts).encode(), np.uint8).reshape(len(texts), -1)


_HEX = _byte_rows([f"{byte:02x}" for byte in range(256)])
_CLOCK = _byte_rows([f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}." for s in range(86_400)])
_MILLIS = _byte_rows([f"{millis:03}" for millis in range(1_000)])


def repeat_template(template: str, rows: int) -> Bytes:
    """Repeat an ASCII template `rows` times as a byte matrix (rows × characters) whose fields are then overwritten."""
    return np.tile(np.frombuffer(template.encode("ascii"), np.uint8), (rows, 1))


def write_hex(cells: Bytes, column: int, numbers: NDArray[np.uint64]) -> None:
    """Write 16 hexadecimal digits from `column` on."""
    digits = _HEX[numbers.astype(">u8").view(np.uint8).reshape(-1, 8)]
    cells[:, column : column + 16] = digits.reshape(-1, 16)


def write_date(cells: Bytes, column: int, days: Ints) -> None:
    """Write `YYYY-MM-DD` from `column` on, for days since 1970-01-01."""
    if len(days) == 0:
        return
    first = int(days.min())
    names = np.datetime_as_string(np.arange(first, int(days.max()) + 1).astype("datetime64[D]"))
    cells[:, column : column + 10] = _byte_rows(names.tolist())[days - first]


def write_time(cells: Bytes, column: int, at: Ints) -> None:
    """Write the 23 characters of `TIME` before its `Z` from `column` on, for UTC milliseconds."""
    days, in_day = np.divmod(at, DAY)
    seconds, millis = np.divmod(in_day, SECOND)
    write_date(cells, column, days)
    cells[:, column + 11 : column + 20] = _CLOCK[seconds]
    cells[:, column + 20 : column + 23] = _MILLIS[millis]


def write_digits(cells: Bytes, column: int, width: int, numbers: Ints) -> None:
    """Write whole numbers with leading zeros from `column` on."""
    for place in range(width):
        cells[:, column + width - 1 - place] = ord("0") + numbers // 10**place % 10


def to_strings(cells: Bytes) -> pa.StringArray:
    """Convert the rows of a byte matrix to texts."""
    rows, width = cells.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(cells))


def take_texts(pieces: pa.StringArray, index: Ints) -> pa.StringArray:
    """Select the texts at the positions `index`."""
    return pieces.take(pa.array(index))


def join_texts(*pieces: pa.StringArray | str) -> pa.StringArray:
    """Concatenate the pieces of each row; a plain text repeats in every row."""
    return pc.binary_join_element_wise(*pieces, "")


def format_time(at: int) -> str:
    """Format UTC milliseconds as in the files: ISO 8601 with milliseconds and `Z`."""
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{at % SECOND:03}Z"


def format_money(cents: int) -> str:
    """Format cents as a decimal with two places."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"
