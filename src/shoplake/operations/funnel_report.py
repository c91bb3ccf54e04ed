"""The result of a funnel: a row per feed, segment and step, and the members behind each number."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoplake.engine import LakeFrame
from shoplake.errors import hint
from shoplake.transforms.funnel import MEMBER_COLUMNS, funnel, funnel_members
from shoplake.transforms.funnel.definition import FunnelError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.transforms.funnel import Funnel, State

STATES = ("converted", "dropped", "open")


@dataclass(frozen=True)
class FunnelStep:
    """One step of a funnel in one feed and segment; entered = converted + dropped + open, times in seconds."""

    feed: str
    segment: str
    step: int
    name: str
    entered: int
    converted: int
    dropped: int
    open: int
    rate_of_closed: float | None
    rate_from_start: float | None
    from_previous_p25_s: float | None
    from_previous_p50_s: float | None
    from_previous_p75_s: float | None
    from_previous_p90_s: float | None
    from_start_p25_s: float | None
    from_start_p50_s: float | None
    from_start_p75_s: float | None
    from_start_p90_s: float | None


@dataclass(frozen=True)
class FunnelReport:
    """A funnel that has been computed.

    >>> report = lake.funnel(["product_view", "purchase"])
    >>> [step.converted for step in report.steps]
    >>> report.members(step=2, state="dropped").to_pandas()
    """

    definition: Funnel
    steps: tuple[FunnelStep, ...]
    events: DataFrame

    def members(self, step: int, state: State = "dropped") -> LakeFrame:
        """Return who is in a state at a step, one row per member and attempt; as many as the steps' numbers say.

        Raises FunnelError for a step or a state that does not exist.
        """
        if not 1 <= step <= len(self.definition.steps):
            raise FunnelError(f"The funnel has no step {step}. Name one from 1 to {len(self.definition.steps)}.")
        if state not in STATES:
            raise FunnelError(f"Unknown state '{state}'. {hint(state, STATES)}")
        rows = funnel_members(self.events, self.definition, step, state)
        return LakeFrame(rows.orderBy("feed", "unit_id", "attempt"), list(MEMBER_COLUMNS))

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the steps as plain values."""
        return [asdict(step) for step in self.steps]


def report_funnel(events: DataFrame, definition: Funnel) -> FunnelReport:
    """Compute a funnel of events that have the ids of what is counted."""
    rows = LakeFrame(funnel(events, definition).orderBy("feed", "segment", "step")).collect()
    return FunnelReport(definition, tuple(FunnelStep(**row.asDict()) for row in rows), events)
