"""The next view in sessions of RetailRocket, with the preprocessing that published figures share.

Views of sessions with a gap of at most one hour, without consecutive repeats; sessions of one view and products with
fewer than five views are left out until nothing changes; the sessions of the last seven days before 18 September 2015
03:00 UTC are asked. Source: Hidasi and Czapp, "The Effect of Third Party Implementations on Reproducibility", RecSys
2023, whose GRU4Rec has recall@20 0.5196 and MRR@20 0.2164. Figures of another preprocessing do not compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from shoplake.ml.recommendations.candidates import find_candidates
from shoplake.ml.recommendations.local_ridge import Weights
from shoplake.ml.recommendations.metrics import recall, reciprocal_rank
from shoplake.ml.recommendations.pair_counts import PairCounts

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
SPLIT_MS = 1_442_545_200_000 - 7 * DAY_MS
COLUMNS = ("timestamp", "visitorid", "event", "itemid")
MIN_VIEWS = 5
LENGTH = 20
LAST_VIEWS = (1.0, 0.5, 0.25)
"""The weights of the last views of a session, the last one first."""


@dataclass(frozen=True)
class NextViews:
    """How often the next view is in the list: `recalls` by length, and the mean reciprocal rank among the first 20."""

    sessions: int
    questions: int
    recalls: dict[int, float]
    reciprocal_rank: float


def read_views(path: Path) -> pd.DataFrame:
    """Return the views of `events.csv` after the preprocessing: `session`, `product`, `viewed_at` in milliseconds.

    Raises ValueError for a file without the columns or with texts for numbers.
    """
    numbers: dict[Hashable, type[int]] = {name: int for name in COLUMNS if name != "event"}
    events = pd.read_csv(path, usecols=list(COLUMNS), dtype=numbers)
    events = events.sort_values(["visitorid", "timestamp", "itemid"], kind="stable")
    is_new = (events["visitorid"].diff() != 0) | (events["timestamp"].diff() > HOUR_MS)
    events["session"] = is_new.cumsum()
    views = events[events["event"] == "view"]
    is_repeat = (views["session"].diff() == 0) & (views["itemid"].diff() == 0)
    views = views[~is_repeat].rename(columns={"itemid": "product", "timestamp": "viewed_at"})
    return _drop_rare(views[["session", "product", "viewed_at"]])


def _drop_rare(views: pd.DataFrame) -> pd.DataFrame:
    """Leave out sessions of one view and products with few views, until all that are left have enough."""
    before = -1
    while len(views) != before:
        before = len(views)
        views = views[views.groupby("session")["product"].transform("size") > 1]
        views = views[views.groupby("product")["session"].transform("size") >= MIN_VIEWS]
    return views.reset_index(drop=True)


def evaluate_next_views(views: pd.DataFrame, split_ms: int = SPLIT_MS) -> NextViews:
    """Return the figures of all sessions that start at the split or later; products only seen in them are misses.

    All products are ranked but the one that is being viewed.
    """
    start = views.groupby("session")["viewed_at"].transform("min")
    train, test = views[views["viewed_at"] < split_ms], views[start >= split_ms]
    train = train[train.groupby("session")["product"].transform("size") > 1]
    names = train["product"].astype(str)
    counts = PairCounts.of_baskets(names.groupby(train["session"]).agg(list))
    found = find_candidates(counts, 2 * LENGTH, max_solved=len(counts.products))
    weights = Weights(counts.products, found.product, found.candidate, found.score)
    places = {name: place for place, name in enumerate(counts.products)}
    asked = [
        [places.get(each, -1) for each in session]
        for session in test["product"].astype(str).groupby(test["session"]).agg(list)
    ]
    lists = [_rank_next(weights, session, last) for session in asked for last in range(1, len(session))]
    hits = np.array(lists, dtype=bool).reshape(-1, LENGTH)
    recalls = {length: _mean([recall(row[:length].tolist(), 1) for row in hits]) for length in (1, 5, 10, LENGTH)}
    return NextViews(len(asked), len(hits), recalls, _mean([reciprocal_rank(row.tolist()) for row in hits]))


def _rank_next(weights: Weights, session: list[int], position: int) -> list[bool]:
    """Return at which ranks the view at a position is, by the three views before it."""
    context: dict[int, float] = {}
    for place, weight in zip(session[:position][::-1], LAST_VIEWS, strict=False):
        if place >= 0:
            context[place] = context.get(place, 0.0) + weight
    scores = weights.scores(context)
    if session[position - 1] >= 0:
        scores[session[position - 1]] = -np.inf
    best = np.argsort(-scores, kind="stable")[:LENGTH]
    is_hit = (best == session[position]) & (scores[best] > 0)
    return [*is_hit.tolist(), *[False] * (LENGTH - len(best))]


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0
