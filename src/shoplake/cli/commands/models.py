"""The commands of models: train, score, and the registry."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shoplake.cli.group import ShoplakeCommand, ShoplakeGroup
from shoplake.cli.options import SEED, Day, NumberRange, config_option, json_option, open_lake

if TYPE_CHECKING:
    from shoplake.cli.progress.step_progress import StepProgressView
    from shoplake.lake import Lake

NAMES = ("churn",)
version_argument = click.argument("version", type=click.IntRange(min=1))
name_option = click.option("--name", type=click.Choice(NAMES), default="churn", show_default=True, help="Model.")
ABOVE_ZERO = NumberRange(min=0, min_open=True)
SHARE = NumberRange(min=0, max=1, min_open=True)


@click.group(cls=ShoplakeGroup, epilog="Example: shoplake train churn")
def train() -> None:
    """Train models with the tables of the lake."""


@train.command("churn", cls=ShoplakeCommand, epilog="Example: shoplake train churn --seed 7")
@click.option("--seed", type=SEED, default=7, show_default=True, help="Seed of everything that is random.")
@click.option("--reproduce", type=click.IntRange(min=1), metavar="VERSION", help="Train a version again and compare.")
@click.option("--report/--no-report", default=True, show_default=True, help="Write report.html beside the model.")
@click.option("--margin", type=ABOVE_ZERO, metavar="MONEY", help="What a kept customer is worth, by default 40.")
@click.option("--contact-cost", type=ABOVE_ZERO, metavar="MONEY", help="What one contact costs, by default 1.")
@click.option("--save-rate", type=SHARE, metavar="SHARE", help="Share of the leaving whom it keeps, by default 0.05.")
@config_option
@json_option
def train_churn(
    seed: int, reproduce: int | None, report: bool, config: Path, as_json: bool, **campaign: float | None
) -> None:
    """Train who will not order in the next 90 days; promote the model if it is as good as the champion.

    The report's profit curve assumes what a campaign costs and brings: --margin, --contact-cost and --save-rate.
    """
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.models.training import TrainingView

    if reproduce is not None:
        return _reproduce(lake, reproduce, as_json)
    with _progress("training churn") as progress:
        result = lake.train_churn(seed=seed, listener=progress)
        assumed = {name: value for name, value in campaign.items() if value is not None}
        path = lake.write_churn_report(result.row["version"], **assumed) if report else None
    return emit(TrainingView(result, path, config), as_json)


@click.group(cls=ShoplakeGroup, epilog="Example: shoplake score churn")
def score() -> None:
    """Score customers by the champion of a model."""


@score.command("churn", cls=ShoplakeCommand, epilog="Example: shoplake score churn --as-of 2026-06-01")
@click.option("--as-of", type=Day(), help="The first of the 90 days. By default the day after the last order.")
@config_option
@json_option
def score_churn(as_of: date | None, config: Path, as_json: bool) -> None:
    """Score who will not order in the next 90 days, with the reasons."""
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.models.training import ScoringView

    with _progress("scoring churn") as progress:
        result = lake.score_churn(as_of, progress)
    emit(ScoringView(result, config), as_json)


@click.group(cls=ShoplakeGroup, epilog="Example: shoplake models list")
def models() -> None:
    """List, show, promote, reproduce, mirror model versions."""


@models.command("list", cls=ShoplakeCommand, epilog="Example: shoplake models list --json")
@name_option
@config_option
@json_option
def list_models(name: str, config: Path, as_json: bool) -> None:
    """List the versions of a model with their figures; the champion is marked."""
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.models.registry import VersionsView

    champion = lake.models.champion(name)
    emit(VersionsView(lake.models.versions(name), champion["version"] if champion else None, name), as_json)


@models.command("show", cls=ShoplakeCommand, epilog="Example: shoplake models show 3")
@version_argument
@name_option
@config_option
@json_option
def show_model(version: int, name: str, config: Path, as_json: bool) -> None:
    """Show the model card of a version: data, figures, intervals and decisions."""
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.models.registry import ModelCardView

    row = lake.models.version(name, version)
    decisions = [each for each in lake.models.decisions(name) if each["version"] == version]
    emit(ModelCardView(row, decisions), as_json)


@models.command("promote", cls=ShoplakeCommand, epilog="Example: shoplake models promote 3")
@version_argument
@click.option("--force", is_flag=True, help="Promote it in any case; this is recorded.")
@config_option
@json_option
def promote_model(version: int, force: bool, config: Path, as_json: bool) -> None:
    """Make a version of the model churn the champion if it is as good on the same rows."""
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.models.training import PromotionView

    with _progress("comparing on the same rows"):
        comparison = lake.promote_churn(version, force=force)
    emit(PromotionView(version, comparison, force), as_json)


@models.command("reproduce", cls=ShoplakeCommand, epilog="Example: shoplake models reproduce 3")
@version_argument
@config_option
@json_option
def reproduce_model(version: int, config: Path, as_json: bool) -> None:
    """Train a version of the model churn again with its own rows and seed, and compare the files."""
    _reproduce(open_lake(config), version, as_json)


def _reproduce(lake: Lake, version: int, as_json: bool) -> None:
    from shoplake.cli.output import emit
    from shoplake.cli.views.models.training import ReproductionView

    with _progress("training it again"):
        result = lake.reproduce_churn(version)
    emit(ReproductionView(result), as_json)


def _progress(verb: str) -> StepProgressView:
    from shoplake.cli.console import open_console
    from shoplake.cli.progress.step_progress import StepProgressView

    return StepProgressView(open_console(stderr=True), verb)


@models.command("mirror", cls=ShoplakeCommand, epilog="Example: shoplake models mirror --to http://127.0.0.1:5000")
@click.option("--to", metavar="URI", help="Tracking URI of MLflow. By default `mlflow` below [models] in the settings.")
@config_option
@json_option
def mirror(to: str | None, config: Path, as_json: bool) -> None:
    """Copy versions with their figures and files to MLflow, and mark the champion there; nothing is copied twice."""
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.models.registry import MirrorView

    emit(MirrorView(lake.mirror_models(to)), as_json)
