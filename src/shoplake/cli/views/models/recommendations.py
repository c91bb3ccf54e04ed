"""What recommendations are worth, beside other methods."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import format_number, format_percent, pluralize, text_table
from shoplake.ml.recommendations.comparison import MISSING, NEW, POPULAR
from shoplake.ml.recommendations.evaluation import MEASURES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from rich.console import Console

    from shoplake.ml.recommendations.comparison import TaskFigures
    from shoplake.ml.recommendations.evaluation import MethodFigures
    from shoplake.ml.recommendations.retailrocket import NextViews

NO_QUESTIONS = {
    NEW: "no known customer with orders on both sides buys a product that is new to them",
    MISSING: "no order that is asked for has two products",
}
"""Why a task has nothing to measure."""
NO_VIEWS = "no session of two views begins in the week that is asked for, that before 18 September 2015 03:00 UTC"
ALL_COLD = "all that was bought was never sold before"
MIN_LISTS = 30
"""Lists below which a difference says nothing."""
HEADERS = ("recall@10", "of best", "NDCG@10", "MRR@20", "coverage", "novelty")


@dataclass(frozen=True)
class ComparisonView:
    """The figures of all methods by task, to print or to write as JSON."""

    tasks: list[TaskFigures]
    split: date
    end: date

    def render(self, console: Console) -> None:
        """Print a table per task, of products that were sold before the split, and the figures over all products."""
        console.print(f"Known: all before {self.split}. Asked for: {self.split} up to, not including, {self.end}.")
        for task in self.tasks:
            console.print()
            if not task.known_questions:
                why = ALL_COLD if task.questions else NO_QUESTIONS[task.task]
                console.print(f"{task.task}: nothing to measure: {why}.")
                continue
            never = f"{format_percent(task.cold_share)} of what was bought was never sold before and is left out"
            console.print(f"{task.task}: {format_number(task.known_questions)} lists; {never}")
            table = text_table("method", *HEADERS, "NDCG over popular 30 d", numbers=HEADERS)
            for name, figures in task.known.items():
                table.add_row(name, *_cells(figures), _difference(figures, task.known))
            console.print(table)
            console.print(_verdict(task.known, task.known_questions))
            ours = next(iter(task.methods.values()))
            console.print(
                f"With these as misses: {format_number(task.questions)} lists, "
                f"recall {ours.estimate('recall').mean:.4f}, NDCG {ours.estimate('ndcg').mean:.4f}"
            )

    def to_json(self) -> dict[str, Any]:
        """Return the split and the figures with 95 % intervals; null where there is no question."""
        tasks = [
            {
                "task": task.task,
                "questions": task.questions,
                "known_questions": task.known_questions,
                "cold_share": task.cold_share,
                "all_products": {name: _to_json(each) for name, each in task.methods.items()},
                "known_products": {name: _to_json(each) for name, each in task.known.items()},
            }
            for task in self.tasks
        ]
        return {"split": self.split.isoformat(), "end": self.end.isoformat(), "tasks": tasks}


@dataclass(frozen=True)
class NextViewsView:
    """The figures on RetailRocket, to print or to write as JSON."""

    figures: NextViews

    def render(self, console: Console) -> None:
        """Print the figures beside the published ones of the same preprocessing."""
        figures = self.figures
        if not figures.questions:
            console.print(f"Nothing to measure: {NO_VIEWS}.")
            return
        console.print(f"{format_number(figures.questions)} next views in {format_number(figures.sessions)} sessions")
        names = tuple(f"recall@{length}" for length in figures.recalls)
        table = text_table("method", *names, "MRR@20", numbers=(*names, "MRR@20"))
        ours = (*figures.recalls.values(), figures.reciprocal_rank)
        table.add_row("local ridge", *[f"{each:.4f}" for each in ours])
        table.add_row("GRU4Rec (published)", *[f"{each:.4f}" for each in PUBLISHED])
        console.print(table)

    def to_json(self) -> dict[str, Any]:
        """Return the figures; null where there is no question."""
        figures = asdict(self.figures)
        if self.figures.questions:
            return figures
        return figures | {"recalls": dict.fromkeys(self.figures.recalls), "reciprocal_rank": None}


PUBLISHED = (0.1253, 0.3227, 0.4212, 0.5196, 0.2164)


def _cells(figures: MethodFigures) -> tuple[str, ...]:
    means = [f"{figures.estimate(name).mean:.4f}" for name in MEASURES]
    return (*means, f"{figures.coverage:.3f}", f"{figures.novelty:.2f}")


def _difference(figures: MethodFigures, methods: Mapping[str, MethodFigures]) -> str:
    """Return the paired difference of NDCG to popularity with its 95 % interval."""
    if figures is methods[POPULAR]:
        return ""
    interval = figures.difference(methods[POPULAR], "ndcg")
    return f"{interval.mean:+.4f} ({interval.low:+.4f} to {interval.high:+.4f})"


def _verdict(methods: Mapping[str, MethodFigures], lists: int) -> str:
    """Return whether the method of `gold.recommendations` is better than popularity: its interval excludes 0.

    The interval of a few lists is too narrow: resamples of one list are all the same.
    """
    name, ours = next(iter(methods.items()))
    if lists < MIN_LISTS:
        return f"{pluralize(lists, 'list')} cannot tell whether {name} differs from {POPULAR}: {MIN_LISTS} are needed."
    interval = ours.difference(methods[POPULAR], "ndcg")
    if interval.low <= 0 <= interval.high:
        return f"On these orders {name} is not known to differ from {POPULAR}."
    return f"On these orders {name} is {'better' if interval.low > 0 else 'worse'} than {POPULAR}."


def _to_json(figures: MethodFigures) -> dict[str, Any]:
    has_questions = any(len(values) for values in figures.values.values())
    estimates = {name: asdict(figures.estimate(name)) for name in MEASURES}
    cells = estimates | {"coverage": figures.coverage, "novelty": figures.novelty}
    return cells if has_questions else dict.fromkeys(cells)
