"""The commands that measure what predictions are worth: evaluate."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shoplake.cli.group import ShoplakeCommand, ShoplakeGroup
from shoplake.cli.options import SEED, Day, config_option, json_option, open_lake

if TYPE_CHECKING:
    import pandas as pd

TEST_DAYS = 28
SALES = """
SELECT feed, order_id, customer_id, product_id, order_date FROM silver.order_lines
WHERE line_class = 'goods' AND kind = 'sale' AND coalesce(status, '') <> 'cancelled' AND product_id IS NOT NULL
ORDER BY feed, order_id, product_id
"""


@click.group(cls=ShoplakeGroup, epilog="Example: shoplake evaluate recommendations")
def evaluate() -> None:
    """Measure what predictions are worth, beside simple methods."""


@evaluate.command("recommendations", cls=ShoplakeCommand, epilog="Example: shoplake evaluate recommendations --json")
@click.option("--feed", help="The feed. Needed where the lake has orders of several.")
@click.option("--split", type=Day(), help="The first day that is asked for. By default 28 days before the end.")
@click.option("--end", type=Day(), help="The day after the last one. By default the day after the last order.")
@click.option("--seed", type=SEED, default=7, show_default=True, help="Seed of the hidden products.")
@click.option("--retailrocket", type=click.Path(path_type=Path, exists=True), help="events.csv of RetailRocket.")
@config_option
@json_option
def evaluate_recommendations(
    feed: str | None,
    split: date | None,
    end: date | None,
    seed: int,
    retailrocket: Path | None,
    config: Path,
    as_json: bool,
) -> None:
    """Measure recommendations beside popularity, cosine, LLR and, where `implicit` is installed, ALS.

    All that is before the split is known, all from it on is asked for. With --retailrocket, the next view in the
    sessions of that data set is asked for instead, and no lake is needed.
    """
    from shoplake.cli.console import open_console
    from shoplake.cli.output import emit
    from shoplake.cli.progress.step_progress import StepProgressView
    from shoplake.cli.views.models.recommendations import ComparisonView, NextViewsView

    if retailrocket is not None:
        from shoplake.ml.recommendations.retailrocket import evaluate_next_views

        emit(NextViewsView(evaluate_next_views(_read_retailrocket(retailrocket))), as_json)
        return
    from shoplake.ml.recommendations.comparison import compare_methods
    from shoplake.ml.recommendations.questions import Sale

    rows = open_lake(config).sql(SALES).to_arrow().to_pylist()
    chosen = _choose_feed(sorted({row["feed"] for row in rows}), feed)
    mine = [row for row in rows if row["feed"] == chosen]
    end = end or max(row["order_date"] for row in mine) + timedelta(days=1)
    split = split or end - timedelta(days=TEST_DAYS)
    sales = [Sale(*[row[name] for name in SALE_COLUMNS]) for row in mine if row["order_date"] < end]
    if not any(sale.day < split for sale in sales) or not any(sale.day >= split for sale in sales):
        raise click.UsageError(f"There are no orders on both sides of {split}. Choose another day with --split.")
    with StepProgressView(open_console(stderr=True), "comparing methods on the same questions"):
        tasks = compare_methods(sales, split, seed)
    emit(ComparisonView(tasks, split, end), as_json)


SALE_COLUMNS = ("order_id", "customer_id", "product_id", "order_date")


def _read_retailrocket(path: Path) -> pd.DataFrame:
    """Return the views of a file or of the folder that it lies in. Raises UsageError for a file that is none of it."""
    from shoplake.ml.recommendations.retailrocket import COLUMNS, read_views

    file = path / "events.csv" if path.is_dir() else path
    try:
        return read_views(file)
    except FileNotFoundError:
        raise click.UsageError(f"There is no events.csv in {path}. Name the file of RetailRocket's events.") from None
    except ValueError:
        columns = ", ".join(COLUMNS)
        raise click.UsageError(f"{file} is no file of RetailRocket's events, which have {columns}.") from None


def _choose_feed(feeds: list[str], feed: str | None) -> str:
    """Return the feed to evaluate. Raises UsageError where it has no orders, or where there are several."""
    if not feeds:
        raise click.UsageError("No orders of goods yet. Load some: shoplake run")
    if feed is None and len(feeds) > 1:
        raise click.UsageError(f"Several feeds have orders. Choose one with --feed: {', '.join(feeds)}.")
    if feed is not None and feed not in feeds:
        raise click.UsageError(f"Feed '{feed}' has no orders. Those that have: {', '.join(feeds)}.")
    return feed or feeds[0]
