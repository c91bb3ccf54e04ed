"""xxHash64 in plain Python, as the model needs it: of versions with equal times the greater hash of the text wins."""

from __future__ import annotations

from functools import cache

MASK = (1 << 64) - 1
PRIMES = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)
SPARK_SEED = 42
"""The seed of Spark's function `xxhash64`."""


@cache
def xxhash64(text: str, seed: int = SPARK_SEED) -> int:
    """Return the hash of the UTF-8 bytes of a text as a signed number; Y. Collet, xxHash specification, 0.1.1."""
    data, (one, two, three, four, five) = text.encode(), PRIMES
    end = len(data) - len(data) % 32
    if end:
        lanes = [seed + one + two, seed + two, seed, seed - one]
        for start in range(0, end, 32):
            lanes = [_round(lane, _number(data, start + 8 * at, 8)) for at, lane in enumerate(lanes)]
        value = sum(_rotate(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18), strict=True))
        for lane in lanes:
            value = (value ^ _round(0, lane)) * one + four
    else:
        value = seed + five
    value += len(data)
    while len(data) - end >= 8:
        value = _rotate(value ^ _round(0, _number(data, end, 8)), 27) * one + four
        end += 8
    if len(data) - end >= 4:
        value = _rotate(value ^ _number(data, end, 4) * one, 23) * two + three
        end += 4
    for byte in data[end:]:
        value = _rotate(value ^ byte * five, 11) * one
    return _signed(_mixed(value & MASK))


def _mixed(value: int) -> int:
    for shift, prime in ((33, PRIMES[1]), (29, PRIMES[2])):
        value = (value ^ value >> shift) * prime & MASK
    return value ^ value >> 32


def _round(lane: int, number: int) -> int:
    return _rotate(lane + number * PRIMES[1], 31) * PRIMES[0] & MASK


def _rotate(value: int, by: int) -> int:
    value &= MASK
    return (value << by | value >> 64 - by) & MASK


def _number(data: bytes, start: int, size: int) -> int:
    return int.from_bytes(data[start : start + size], "little")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value
