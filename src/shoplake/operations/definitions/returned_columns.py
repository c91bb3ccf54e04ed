"""The columns that the functions of shoplake's own tables return, by the hashes of their plans.

They are recorded with the code (`python -m tools.returned_columns`), so that a first run need not ask the engine, which
a Spark server that has just started takes a sixth of the run to say. A function that makes another plan is asked for.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake.columns.schema import struct_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql.types import StructType

    from shoplake.declare import Feed
    from shoplake.operations.definitions.plans.plan_hash import HashedPlan

FILE = Path(__file__).with_suffix(".json")


def recorded_schema(engine: Mapping[str, str], plan_hash: str) -> StructType | None:
    """Return what a function returns whose plan has that hash; None if the plan, or the engine's version, is unknown.

    `engine` is the name and version of one, as of `engine_version`.
    """
    recorded = _recorded()
    if any(recorded["engines"].get(name) != version for name, version in engine.items()):
        return None
    columns = recorded["columns"].get(plan_hash)
    return None if columns is None else struct_type(columns)


def recorded_hash(plan: HashedPlan, feed: Feed | None) -> str:
    """Return the hash under which a plan is recorded: that of a feed with one name, zone and currency.

    They decide about no column, and every shop has others.
    """
    if feed is None:
        return plan.digest
    usual = {feed.name: "recorded", feed.timezone: "UTC"}
    return plan.digest_with(usual if feed.currency is None else {**usual, feed.currency: "EUR"})


def to_text(schema: StructType) -> str:
    """Return columns as the text that is recorded."""
    return ", ".join(f"{field.name} {field.dataType.simpleString()}" for field in schema)


@cache
def _recorded() -> dict[str, Any]:
    recorded: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return recorded
