"""Which segment explains that a total is not what is expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.transforms.anomalies.expect import Expectation

ALL, OVERALL = "(all)", "(overall)"
"""The segment of a total, and what explains a difference that all segments share."""
MIN_SHARE = 0.5
"""The least share of the difference that explains it."""
MIN_SURPRISE = 0.2
"""How much more of the difference than of the expected total a segment has at least."""


def explain(total: Expectation, segments: Mapping[str, Expectation]) -> str:
    """Return the segment that carries most of the difference of a total; `OVERALL` where it is shared by all.

    A segment explains the difference if it carries at least half of it, and its share of the difference is greater than
    its share of the expected total by 0.2 or more; of several the one with the greatest share, at equal ones the first
    by name. It follows the idea of explanatory power and surprise (Bhagwan et al. 2014, "Adtributor").
    """
    difference = total.actual - total.expected
    shares = {
        name: (each.actual - each.expected) / difference
        for name, each in segments.items()
        if (each.actual - each.expected) / difference - each.expected / max(total.expected, 1e-9) >= MIN_SURPRISE
    }
    if not shares:
        return OVERALL
    share, name = min((-share, name) for name, share in shares.items())
    return name if -share >= MIN_SHARE else OVERALL
