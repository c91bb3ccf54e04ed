"""The whole job by hand-written DuckDB SQL: raw files -> bronze -> silver -> gold Parquet, for one `zenith` feed."""

from __future__ import annotations

import argparse
import json
import re
import resource
import time
from pathlib import Path
from string import Template
from typing import Any

import duckdb

SQL = Path(__file__).parent / "sql"
SCRIPTS = ("bronze", "silver_events", "silver_shop", "silver_orders", "gold")
FILES = {
    "events": "events/*.json",
    "customers": "customers/*.csv",
    "products": "products/*.parquet",
    "orders": "orders/*.json",
    "refunds": "refunds/*.json",
}
STEP = re.compile(r"^-- step: (\S+)$", re.MULTILINE)


def run(
    landing: Path, out: Path, *, memory: str = "8GB", timezone: str = "Europe/London", currency: str = "GBP"
) -> dict[str, Any]:
    """Build every table of the job below `out`, a new folder; the seconds a step, the rows a table, the peak memory.

    Table `silver.events` lies at `<out>/silver/events/**/*.parquet`, and so on. Raises FileExistsError if `out` is there.
    """
    began = time.perf_counter()
    out.mkdir(parents=True)
    settings = {"out": _quoted(out), "memory": memory, "timezone": timezone, "currency": currency}
    settings |= {stream: _files(landing / pattern, out) for stream, pattern in FILES.items()}
    seconds: dict[str, float] = {}
    rows: dict[str, int] = {}
    with duckdb.connect() as connection:
        for name, statements in _steps(settings):
            if "." in name:
                (out / name.replace(".", "/")).mkdir(parents=True, exist_ok=True)
            start = time.perf_counter()
            result = connection.execute(statements).fetchall()
            ...
    return {}
