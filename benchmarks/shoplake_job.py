"""Runs shoplake with the tables that the DuckDB job builds, and those that they are made of, or with all.

Example: `python benchmarks/shoplake_job.py shoplake.toml`
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import duckdb_job

from shoplake import Lake
from shoplake.cli.views.run.run_result import RunResultView
from shoplake.declare.catalog import Catalog


def peer_tables() -> set[str]:
    """Return the tables that the DuckDB job writes, by `layer.table`, without quarantines."""
    return {name for name in duckdb_job.tables() if not name.endswith("_quarantine")}


def same_work(catalog: Catalog) -> Catalog:
    """Return the bronze tables, those of the DuckDB job, and all that they are made of."""
    needed = {catalog[name].name for name in peer_tables()}
    for table in reversed(catalog.ordered):
        if table.name in needed or table.layer == "bronze":
            needed |= {table.name, *table.inputs}
    return Catalog([table for table in catalog.values() if table.name in needed])


def main() -> None:
    """Run the lake of a settings file, and print the run as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--all-tables", action="store_true", help="all of the catalogue, not those of the SQL alone")
    options = parser.parse_args()
    lake = Lake.open(options.config)
    if not options.all_tables:
        lake.__dict__["catalog"] = same_work(lake.catalog)
    began = time.perf_counter()
    result = lake.run()
    print(json.dumps(RunResultView(result, time.perf_counter() - began).to_json(), default=str))


if __name__ == "__main__":
    main()
