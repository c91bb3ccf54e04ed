"""Record the columns that functions of tables return, for each kind of feed, by the hashes of their plans.

`python -m tools.returned_columns` asks the embedded engine and a Spark server on this machine, and ends with an error
where they differ. It is run again where tests say that a plan is unknown, and for another version of an engine.
"""

from __future__ import annotations

import json
import tempfile
from itertools import product
from typing import TYPE_CHECKING, Any

from shoplake.declare import Feed
from shoplake.feeds import KINDS
from shoplake.lake import Lake
from shoplake.operations.definitions.current_definitions import CurrentDefinitions, engine_version
from shoplake.operations.definitions.returned_columns import FILE, to_text
from shoplake.settings import Settings
from tools.docs.sources import load_catalog

if TYPE_CHECKING:
    from shoplake.engine import PipelineEngine

NAMES, CURRENCIES = ("shop", "recorded"), (None, "EUR", "GBP", "USD")
"""Of feeds. One of each would do, if no plan had some of these words for another reason."""
ENGINES: tuple[dict[str, Any], ...] = ({"engine": "sail"}, {"engine": "spark", "remote": "local"})


def returned_columns(engine: PipelineEngine) -> dict[str, str]:
    """Ask an engine for the columns of all tables that are made of others; by the hash of the plan."""
    catalog, found = load_catalog(), dict[str, str]()
    for kind, currency, name in product(KINDS.values(), CURRENCIES, NAMES):
        definitions = CurrentDefinitions(engine, catalog, (Feed(name, kind, "landing", currency=currency),))
        for table in catalog.ordered:
            if table.inputs:
                plans = definitions.rows_by_plan(table)
                found |= {plan: to_text(rows.schema) for plan, rows in plans if plan not in found}
    return found


def record() -> None:
    """Ask both engines, and write what they agree on. Raises ValueError where they differ."""
    answers, engines = list[dict[str, str]](), dict[str, str]()
    with tempfile.TemporaryDirectory() as folder:
        for options in ENGINES:
            engine = Lake(Settings(lake=f"{folder}/lake", feeds=(), **options)).engine
            answers.append(returned_columns(engine))
            engines |= engine_version(engine)
    embedded, spark = answers
    if differing := [columns for plan, columns in embedded.items() if spark.get(plan) != columns]:
        raise ValueError(f"The engines return other columns than each other: {differing}")
    text = json.dumps({"engines": engines, "columns": embedded}, indent=1, sort_keys=True)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
