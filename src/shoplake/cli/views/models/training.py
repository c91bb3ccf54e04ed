"""What training, scoring, promoting and reproducing a model came to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import (
    command_line,
    format_number,
    format_percent,
    pluralize,
    print_next_steps,
    sql_command_line,
    text_table,
)
from shoplake.ml.churn.evaluation.ceiling import BEST, explain_best
from shoplake.ml.churn.rows import CALIBRATE, TEST, TRAIN, explain_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from shoplake.ml.churn.evaluation.promotion import Comparison
    from shoplake.pipeline.models.scoring import ScoringResult
    from shoplake.pipeline.models.training import Reproduction, TrainingResult

FIGURES = {
    "AUC": "roc_auc",
    "PR AUC": "pr_auc",
    "Brier": "brier",
    "slope": "calibration_slope",
    "ECE": "ece",
    "lift@10 %": "lift_at_10",
}


def print_figures(console: Console, row: dict[str, Any]) -> None:
    """Print the figures of a version and of its peers on the test rows, the best AUC first."""
    metrics = row["metrics"]["metrics"]
    console.print(_headline(metrics))
    table = text_table("model", *FIGURES, numbers=FIGURES)
    for name, values in sorted(metrics.items(), key=lambda each: -each[1]["roc_auc"]):
        cells = [values[key] for key in FIGURES.values()]
        table.add_row(name, *["" if cell is None else f"{cell:.4f}" for cell in cells])
    console.print(table)
    for peer, interval in row["metrics"]["differences"].items():
        low, high = interval["low"], interval["high"]
        console.print(f"AUC of the forest - {peer}: {interval['value']:+.4f} (95 %: {low:+.4f} to {high:+.4f})")
    for line in explain_best(row["metrics"]):
        console.print(line)


def format_splits(counts: Mapping[str, int]) -> str:
    """Return the rows of a training by split, in the order of their days."""
    return ", ".join(f"{format_number(counts[split])} {split}" for split in (TRAIN, CALIBRATE, TEST) if split in counts)


def _headline(metrics: dict[str, dict[str, Any]]) -> str:
    """Return the AUC of the forest beside what can be known, where that is known, and beside the simple rule."""
    names = {"forest": "AUC", BEST: BEST, "recency rule": "days since the last order alone"}
    return "; ".join(f"{name} {metrics[key]['roc_auc']:.3f}" for key, name in names.items() if key in metrics) + "."


@dataclass(frozen=True)
class TrainingView:
    """A trained version beside its peers, to print or to write as JSON."""

    result: TrainingResult
    report: str | None
    config: Path

    def render(self, console: Console) -> None:
        """Print the figures, the decision on the champion and where the report is."""
        row, comparison = self.result.row, self.result.comparison
        counts = row["metrics"]["rows"]
        base = row["metrics"]["metrics"]["forest"]["base_rate"]
        rows = format_splits(counts)
        console.print(f"churn version {row['version']}: {rows} rows; {format_percent(base)} of the test rows churned")
        print_figures(console, row)
        for line in explain_unknown(self.result.share_unknown):
            console.print(line)
        status = "Champion" if comparison.is_promoted else "Not promoted"
        console.print(f"{status}: {comparison.reason}. {self.result.duration_s:.1f} s.")
        if self.report is not None:
            console.print(f"Report: {self.report}", soft_wrap=True)
        next_step = "score churn" if comparison.is_promoted else "models list"
        print_next_steps(console, command_line(next_step, config=self.config))

    def to_json(self) -> dict[str, Any]:
        """Return the version's record, the decision and the report's path."""
        comparison = self.result.comparison.to_dict()
        unknown = self.result.share_unknown
        return {**self.result.row, "comparison": comparison, "report": self.report, "share_unknown": unknown}


@dataclass(frozen=True)
class ScoringView:
    """How many customers were scored, to print or to write as JSON."""

    result: ScoringResult
    config: Path

    def render(self, console: Console) -> None:
        """Print customers and mean probability, and how to list those most likely to leave."""
        result = self.result
        if not result.customers:
            console.print(f"Nobody is scored: no known customer ordered in the year before {result.as_of}.")
            return
        console.print(
            f"{format_number(result.customers)} customers scored as of {result.as_of} by churn version "
            f"{result.version}; mean probability {format_percent(result.mean_probability)}; {result.duration_s:.1f} s"
        )
        if (late := (result.as_of - result.data_end).days) > 0:
            console.print(
                f"The data ends {pluralize(late, 'day')} before: later orders are not known, and customers look as "
                "if they had left. gold.customer_360 does not take these scores. Score "
                f"{result.data_end}: leave --as-of out."
            )
        if result.has_changed_features:
            console.print(
                f"The definitions of features have changed since version {result.version} was trained. Train again: "
                f"{command_line('train churn', config=self.config)}"
            )
        day = f"WHERE as_of_date = '{result.as_of}' ORDER BY 2 DESC LIMIT 10"
        query = f"SELECT customer_id, churn_probability, churn_reasons FROM gold.churn_scores {day}"
        shown = sql_command_line(query, self.config)
        taken = command_line("run", config=self.config)
        is_taken = result.as_of <= result.data_end
        print_next_steps(console, shown, *([f"{taken}   # gold.customer_360 takes the scores"] if is_taken else []))

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain values."""
        return asdict(self.result)


@dataclass(frozen=True)
class PromotionView:
    """The decision on a version, to print or to write as JSON."""

    version: int
    comparison: Comparison
    is_forced: bool

    def render(self, console: Console) -> None:
        """Print whether the version is the champion now, and why."""
        if self.comparison.opponent == f"version {self.version}":
            console.print(f"Version {self.version} is the champion already.")
        elif self.comparison.is_promoted:
            console.print(f"Version {self.version} is the champion: {self.comparison.reason}.")
        elif self.is_forced:
            console.print(f"Version {self.version} is the champion by force, although {self.comparison.reason}.")
        else:
            console.print(f"Version {self.version} is refused: {self.comparison.reason}.")

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain values."""
        return {"version": self.version, "is_forced": self.is_forced, **self.comparison.to_dict()}


@dataclass(frozen=True)
class ReproductionView:
    """Whether a version could be reproduced, to print or to write as JSON."""

    result: Reproduction

    def render(self, console: Console) -> None:
        """Print whether the bytes are the same, and what changed since."""
        result = self.result
        if result.is_same:
            console.print(f"Version {result.version} is reproduced: SHA-256 {result.recorded}.")
            return
        changed = ", ".join(result.differences) or "nothing that is recorded"
        console.print(f"Version {result.version} is not reproduced. Changed since: {changed}.")

    def to_json(self) -> dict[str, Any]:
        """Return the hashes and what changed since."""
        return {**asdict(self.result), "is_same": self.result.is_same}
