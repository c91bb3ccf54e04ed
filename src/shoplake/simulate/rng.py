"""Repeatable chance: generators by subject and day, ids that look random, popularity by Zipf's law."""

from __future__ import annotations

from typing import TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Bytes: TypeAlias = NDArray[np.uint8]

ZIPF_EXPONENT = 1.1


def chance_of(seed: int, subject: str, day: int = 0) -> np.random.Generator:
    """A generator that depends on nothing but its arguments."""
    return np.random.default_rng([seed, crc32(subject.encode()), day])


def mixed(numbers: Ints, seed: int, subject: str) -> NDArray[np.uint64]:
    """Other 64-bit numbers, one to one, in no visible order (the finaliser of splitmix64)."""
    salt = (seed * 0x9E3779B97F4A7C15 + crc32(subject.encode()) * 0xD1342543DE82EF95) % 2**64
    mix = numbers.astype(np.uint64) + np.uint64(salt)
    mix = (mix ^ (mix >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mix = (mix ^ (mix >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mix ^ (mix >> np.uint64(31))


def weighted(chance: np.random.Generator, weights: tuple[float, ...] | Floats, count: int) -> Ints:
    """Positions in `weights`, each as often as its weight says."""
    share = np.cumsum(weights)
    drawn: Ints = np.searchsorted(share, chance.random(count) * share[-1], side="right").astype(np.int64)
    return drawn


def between(chance: np.random.Generator, low: Ints | int, high: Ints | int, count: int) -> Ints:
    """Whole numbers from `low` up to, not including, `high`."""
    return chance.integers(low, high, count, dtype=np.int64)


class Popularity:
    """Which product is looked at: the n-th most popular is drawn in proportion to n^-1.1."""

    def __init__(self, products: int, seed: int) -> None:
        self._by_rank = chance_of(seed, "popularity").permutation(products).astype(np.int64)
        self._weights = np.arange(1, products + 1, dtype=np.float64) ** -ZIPF_EXPONENT

    def draw(self, chance: np.random.Generator, count: int) -> Ints:
        """Products by number, popular ones more often."""
        return self._by_rank[weighted(chance, self._weights, count)]
