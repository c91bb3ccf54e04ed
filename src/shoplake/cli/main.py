"""The command line `shoplake`. Commands import what is heavy when they run, so that it starts at once."""

from __future__ import annotations

import gc
import sys

import click

from shoplake.cli.commands.deploy.databricks import databricks
from shoplake.cli.commands.deploy.dbt import dbt
from shoplake.cli.commands.deploy.deploy import deploy
from shoplake.cli.commands.deploy.github import github
from shoplake.cli.commands.deploy.orchestrators import COMMANDS as ORCHESTRATORS
from shoplake.cli.commands.deploy.pipeline import pipeline
from shoplake.cli.commands.evaluate import evaluate
from shoplake.cli.commands.funnel import funnel
from shoplake.cli.commands.inspect import describe, explain, tables, versions
from shoplake.cli.commands.lab import lab
from shoplake.cli.commands.lake.clone import clone
from shoplake.cli.commands.lake.definitions import apply, plan
from shoplake.cli.commands.lake.maintain import maintain
from shoplake.cli.commands.lake.repair import repair
from shoplake.cli.commands.lake.run import run
from shoplake.cli.commands.lake.stream import stream
from shoplake.cli.commands.lake.upkeep import auto, expire, status
from shoplake.cli.commands.models import models, score, train
from shoplake.cli.commands.observe.cost import cost
from shoplake.cli.commands.observe.errors import errors
from shoplake.cli.commands.observe.metrics import metrics
from shoplake.cli.commands.project import demo, generate, init, verify_source
from shoplake.cli.commands.quality.alerts import alerts
from shoplake.cli.commands.quality.check import check
from shoplake.cli.commands.quality.contract import contract
from shoplake.cli.commands.quality.profile import profile
from shoplake.cli.commands.quality.quality import quality, verify
from shoplake.cli.commands.quality.quarantine import quarantine
from shoplake.cli.commands.quality.report import report
from shoplake.cli.commands.quality.validate import validate
from shoplake.cli.commands.quality.waiting import waiting
from shoplake.cli.commands.query import sql
from shoplake.cli.commands.reference import docs, schema
from shoplake.cli.commands.serve.export import export
from shoplake.cli.commands.serve.serve import keys, serve
from shoplake.cli.commands.spark import spark
from shoplake.cli.group import ShoplakeGroup

COMMANDS: tuple[click.Command, ...] = (
    *(init, demo, generate, verify_source),
    *(run, stream),
    *(plan, apply),
    *(tables, describe, versions, explain),
    *(sql, funnel, export),
    *(quality, check, verify, validate, profile),
    *(quarantine, alerts, report, contract),
    *(train, score, evaluate, models),
    *(docs, schema),
    *(serve, keys),
    deploy,
    *(metrics, errors, cost),
    maintain,
    clone,
    repair,
    spark,
    lab,
)


GC_THRESHOLD = 50_000
"""Objects allocated before the garbage collector looks at them: a command allocates much and ends soon."""


@click.group(
    cls=ShoplakeGroup,
    epilog="Example: shoplake demo",
    context_settings={"help_option_names": ["-h", "--help"]},
    renamed={"show": "describe", "history": "versions", "check-source": "verify-source"},
    shows_log_options=True,
)
@click.version_option(package_name="shoplake", message="%(prog)s %(version)s")
def main() -> None:
    """Turn an online shop's raw files into tested Delta tables and answers."""
    gc.set_threshold(GC_THRESHOLD)
    for stream_ in (sys.stdout, sys.stderr):
        if hasattr(stream_, "reconfigure"):
            stream_.reconfigure(errors="replace")


for command in COMMANDS:
    main.add_command(command)
for command in (status, auto, expire):
    maintain.add_command(command)
quarantine.add_command(waiting)
for command in (databricks, pipeline, *ORCHESTRATORS, dbt, github):
    deploy.add_command(command)
