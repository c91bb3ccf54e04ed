"""A funnel step by step, and the list of its members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shoplake.cli.charts import bar
from shoplake.cli.console import command_line, format_number, format_percent, pluralize, print_next_steps, text_table
from shoplake.transforms.funnel import Funnel

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    from rich.console import Console

    from shoplake.operations.funnel_report import FunnelReport, FunnelStep

NUMBERS = ("entered", "converted", "dropped", "open", "of closed", "from start", "median time")


@dataclass(frozen=True)
class FunnelView:
    """A funnel, to print or to write as JSON."""

    report: FunnelReport
    config: Path | None = None

    def render(self, console: Console) -> None:
        """Print one line per segment and step with a bar, and how to list the members."""
        steps = self.report.steps
        if not steps:
            console.print(f"No {self.report.definition.count} with a first step.")
            return
        table = text_table(*self._labels(), *NUMBERS, "", numbers=NUMBERS)
        starts = {(step.feed, step.segment): step.entered for step in steps if step.step == 1}
        for step in steps:
            table.add_row(*self._label(step), *_cells(step), bar(step.converted, starts[step.feed, step.segment]))
        console.print(table)
        if self.report.definition != Funnel(self.report.definition.steps):
            return
        words = ("funnel", "--steps", ",".join(self.report.definition.steps), "--who", "step=2", "--state", "dropped")
        print_next_steps(console, command_line(*words, config=self.config))

    def to_json(self) -> list[dict[str, Any]]:
        """Return the steps as plain values."""
        return self.report.to_dicts()

    def _labels(self) -> list[str]:
        by = self.report.definition.by
        return ["feed"] * self._has_feeds() + ([by] if by else []) + ["step"]

    def _label(self, step: FunnelStep) -> list[str]:
        by = [step.segment] if self.report.definition.by else []
        return [step.feed] * self._has_feeds() + [*by, f"{step.step} {step.name}"]

    def _has_feeds(self) -> bool:
        return len({step.feed for step in self.report.steps}) > 1


@dataclass(frozen=True)
class MembersView:
    """The members behind a number of a funnel, to print or to write as JSON."""

    rows: pa.Table
    limit: int

    def render(self, console: Console) -> None:
        """Print up to `limit` members and how many there are."""
        table = text_table("feed", "segment", "member", "attempt", "started", "step reached at", numbers=("attempt",))
        for row in self.rows.slice(0, self.limit).to_pylist():
            times = [f"{at:%Y-%m-%d %H:%M:%S}" if at else "" for at in (row["started_at"], row["step_at"])]
            table.add_row(row["feed"], row["segment"], row["unit_id"], str(row["attempt"]), *times)
        console.print(table)
        console.print(pluralize(self.rows.num_rows, "member"))

    def to_json(self) -> list[dict[str, Any]]:
        """Return all members as plain values."""
        rows: list[dict[str, Any]] = self.rows.to_pylist()
        return rows


def _cells(step: FunnelStep) -> list[str]:
    counts = (step.entered, step.converted, step.dropped, step.open)
    median = step.from_previous_p50_s
    time = "" if median is None else str(timedelta(seconds=round(median)))
    rates = (step.rate_of_closed, step.rate_from_start)
    return [*map(format_number, counts), *map(format_percent, rates), time]
