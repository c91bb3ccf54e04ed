"""Candidates of one feed and unit, from its counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from shoplake.ml.recommendations.candidates import find_candidates
from shoplake.ml.recommendations.next_purchases import NextPurchases, find_next_candidates
from shoplake.ml.recommendations.pair_counts import PairCounts

if TYPE_CHECKING:
    from shoplake.ml.recommendations.candidates import Candidates

    Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]

SCHEMA = (
    "feed string, kind string, product_id string, recommended_id string, score double, together bigint, lift_low double"
)
KINDS = {"basket": "together", "session": "similar"}
NEXT = "next"
Z = 1.959963984540054


@dataclass(frozen=True)
class CandidateFinder:
    """Turns the counts of a feed and unit into the rows of `SCHEMA`.

    `relation` says what a row counts: a `pair` of products, a `product`, `all` baskets or sessions, a `sequence` of
    a viewed and a bought product, or the `purchase` of a product.
    """

    most: int
    max_solved: int

    def find(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the best candidates of each product, of each kind that the unit makes."""
        relations = {str(name): part for name, part in rows.groupby("relation")}
        feed, unit = rows["feed"].iloc[0], rows["unit"].iloc[0]
        found = []
        if "pair" in relations:
            found.append(self._find_partners(relations, feed, KINDS[unit]))
        if "sequence" in relations:
            found.append(self._find_next(relations, feed))
        nothing = pd.DataFrame(columns=[each.split()[0] for each in SCHEMA.split(", ")])
        return pd.concat(found, ignore_index=True) if found else nothing

    def _find_partners(self, relations: dict[str, pd.DataFrame], feed: str, kind: str) -> pd.DataFrame:
        counts, real = (_count_pairs(relations, name) for name in ("weighted", "together"))
        found = find_candidates(counts, self.most, max_solved=self.max_solved)
        sides = real.alone[found.product], real.alone[found.candidate]
        together = real.find(found.product, found.candidate)
        return _name(feed, kind, counts, found, (together, *sides, real.baskets))

    def _find_next(self, relations: dict[str, pd.DataFrame], feed: str) -> pd.DataFrame:
        counts, real = (_count_sequences(relations, name) for name in ("weighted", "together"))
        found = find_next_candidates(counts, self.most, max_solved=self.max_solved)
        sides = real.views.alone[found.product], real.buying[found.candidate]
        together = real.find(found.product, found.candidate)
        return _name(feed, NEXT, counts.views, found, (together, *sides, real.views.baskets))


def _name(
    feed: str, kind: str, counts: PairCounts, found: Candidates, cells: tuple[Numbers, Numbers, Numbers, float]
) -> pd.DataFrame:
    names = np.array(counts.products, dtype=object)
    columns = {
        "feed": feed,
        "kind": kind,
        "product_id": names[found.product],
        "recommended_id": names[found.candidate],
        "score": found.score,
        "together": cells[0].astype(np.int64),
        "lift_low": np.round(_lift_low(*cells), 6),
    }
    return pd.DataFrame(columns)


def _count_pairs(relations: dict[str, pd.DataFrame], count: str, others: tuple[str, ...] = ()) -> PairCounts:
    """Return the counts of pairs; `others` are products that are in no basket."""
    single, pairs = relations["product"], relations.get("pair")
    sides: tuple[list[str], list[str], list[float]] = ([], [], [])
    if pairs is not None:
        sides = pairs["product_a"].tolist(), pairs["product_b"].tolist(), pairs[count].tolist()
    products, alone = single["product_a"].tolist(), single[count].tolist()
    whole = relations["all"][count].iloc[0]
    return PairCounts.of([*products, *others], [*alone, *[0.0] * len(others)], whole, sides)


def _count_sequences(relations: dict[str, pd.DataFrame], count: str) -> NextPurchases:
    sequences, buying = relations["sequence"], relations["purchase"]
    known = set(relations["product"]["product_a"])
    others = tuple(sorted(({*sequences["product_a"]} | {*sequences["product_b"]}) - known))
    views = _count_pairs(relations, count, others)
    bought = dict(zip(buying["product_a"].tolist(), buying[count].tolist(), strict=True))
    entries = sequences["product_a"].tolist(), sequences["product_b"].tolist(), sequences[count].tolist()
    return NextPurchases.of(views, bought, entries)


def _lift_low(both: Numbers, a: Numbers, b: Numbers, n: float) -> Numbers:
    """Return the lift with the lower bound of the support's 95 % Wilson interval, as in `product_affinity`.

    Where the tables of pairs and of products are of two runs, each product is in as many as the pair at least.
    """
    a, b = np.maximum(a, both), np.maximum(b, both)
    share = np.minimum(both / n, 1.0)
    centre = share + Z * Z / (2 * n)
    width = Z * np.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    low: Numbers = (centre - width) / (1 + Z * Z / n) * n * n / np.maximum(a * b, 1.0)
    return low
