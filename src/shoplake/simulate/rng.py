"""Reproducible randomness: generators by subject and day, ids that look random, popularity by Zipf's law."""

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


def rng_for(seed: int, subject: str, day: int = 0) -> np.random.Generator:
    """Create a generator that depends on nothing but its arguments."""
    return np.random.default_rng([seed, crc32(subject.encode()), day])


def scramble(numbers: Ints, seed: int, subject: str) -> NDArray[np.uint64]:
    """Map numbers one to one to 64-bit numbers in no visible order (the finaliser of splitmix64)."""
    salt = (seed * 0x9E3779B97F4A7C15 + crc32(subject.encode()) * 0xD1342543DE82EF95) % 2**64
    mix = numbers.astype(np.uint64) + np.uint64(salt)
    mix = (mix ^ (mix >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mix = (mix ^ (mix >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mix ^ (mix >> np.uint64(31))


def draw_weighted(rng: np.random.Generator, weights: tuple[float, ...] | Floats, count: int) -> Ints:
    """Draw `count` positions in `weights` in proportion to the weights."""
    share = np.cumsum(weights)
    drawn: Ints = np.searchsorted(share, rng.random(count) * share[-1], side="right").astype(np.int64)
    return drawn


def draw_integers(rng: np.random.Generator, low: Ints | int, high: Ints | int, count: int) -> Ints:
    """Draw `count` integers from `low` up to, not including, `high`."""
    return rng.integers(low, high, count, dtype=np.int64)


class Popularity:
    """Product popularity: the n-th most popular product is drawn in proportion to n^-1.1 (Zipf's law)."""

    def __init__(self, products: int, seed: int) -> None:
        self._by_rank = rng_for(seed, "popularity").permutation(products).astype(np.int64)
        self._weights = np.arange(1, products + 1, dtype=np.float64) ** -ZIPF_EXPONENT

    def ranked(self) -> Ints:
        """Return the product numbers, the most popular first."""
        return self._by_rank

    def draw(self, rng: np.random.Generator, count: int) -> Ints:
        """Draw `count` product numbers, popular ones more often."""
        return self._by_rank[draw_weighted(rng, self._weights, count)]
