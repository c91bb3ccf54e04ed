"""The full build in hand-written DuckDB SQL: raw files -> bronze -> silver -> gold Parquet.

Example: `python benchmarks/duckdb_job.py landing out --memory 8GB` prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import time
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator

SQL = Path(__file__).parent / "sql"
SCRIPTS = ("bronze", "silver_rates", "silver_events", "silver_shop", "silver_orders", "gold")
STREAMS = {
    "events": "events/*.json",
    "customers": "customers/*.csv",
    "products": "products/*.parquet",
    "orders": "orders/*.json",
    "refunds": "refunds/*.json",
    "exchange_rates": "exchange_rates/*.csv",
}
STEP = re.compile(r"^-- step: (\S+)$", re.MULTILINE)


def run(
    landing: Path, out: Path, *, memory: str = "8GB", timezone: str = "Europe/London", currency: str = "GBP"
) -> dict[str, Any]:
    """Build every table below `out`, a new folder, from the `zenith` files in `landing`.

    Table `silver.events` is at `<out>/silver/events/**/*.parquet`, and so on. Returns `steps` (seconds each),
    `seconds`, `rows` of each table and `peak_mb`, this process's peak resident memory in MiB. A text stream may be
    without files; events that are not UTF-8 stop the job. Raises FileExistsError if `out` is there.
    """
    began = time.perf_counter()
    out.mkdir(parents=True)
    settings = {"out": _escape(out), "memory": memory, "timezone": timezone, "currency": currency}
    settings |= {stream: _files(landing / pattern, out) for stream, pattern in STREAMS.items()}
    steps: dict[str, float] = {}
    rows: dict[str, int] = {}
    with duckdb.connect() as connection:
        for name, statements in _steps(settings):
            start = time.perf_counter()
            count = _execute(connection, statements, out / name.replace(".", "/"))
            steps[name] = round(time.perf_counter() - start, 3)
            if count is not None:
                rows[name] = count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"steps": steps, "seconds": round(time.perf_counter() - began, 3), "rows": rows, "peak_mb": peak}


def _steps(settings: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the steps of all scripts in order: table name and SQL."""
    for script in SCRIPTS:
        text = Template((SQL / f"{script}.sql").read_text(encoding="utf-8")).substitute(settings)
        _, *parts = STEP.split(text)
        yield from zip(parts[::2], parts[1::2], strict=True)


def _execute(connection: duckdb.DuckDBPyConnection, statements: str, folder: Path) -> int | None:
    """Run a step; return the number of rows it writes into `folder`, or None if it writes no table."""
    count: int | None = None
    for statement in connection.extract_statements(statements):
        is_copy = statement.type == duckdb.StatementType.COPY
        if is_copy:
            folder.mkdir(parents=True)
        rows_written = connection.execute(statement).fetchall()
        if is_copy:
            count = int(rows_written[0][0])
    return count


def _files(pattern: Path, out: Path) -> str:
    """Return a file pattern for SQL; a text stream without files becomes one empty file."""
    if not any(pattern.parent.glob(pattern.name)) and pattern.suffix != ".parquet":
        pattern = out / ".nothing" / pattern.name.replace("*", "nothing")
        pattern.parent.mkdir(exist_ok=True)
        pattern.touch()
    return _escape(pattern)


def _escape(path: Path) -> str:
    return str(path).replace("'", "''")


def main() -> None:
    """Run the job with the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("landing", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--memory", default="8GB", help="DuckDB's memory_limit; more is spilled to disk")
    options = parser.parse_args()
    print(json.dumps(run(options.landing, options.out, memory=options.memory)))


if __name__ == "__main__":
    main()
