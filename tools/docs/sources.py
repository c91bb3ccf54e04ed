"""Everything in shoplake that the generated pages are written from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.engine import OPS
from shoplake.feeds import KINDS
from shoplake.lake.open_lake import EVENTS_LIVE

if TYPE_CHECKING:
    import click

__all__ = ["KINDS", "OPS_TABLES", "ROOT", "load_catalog", "load_command"]

ROOT = Path(__file__).parents[2]
"""The checkout."""
OPS_TABLES = (*OPS, EVENTS_LIVE)
"""The `ops` tables; `ops.events_live` exists only after a streaming job."""


def load_catalog() -> Catalog:
    """Load the catalog of all tables that shoplake declares."""
    return Catalog.from_package(tables)


def load_command() -> click.Command:
    """Load the `shoplake` command."""
    from shoplake.cli.main import main

    return main
