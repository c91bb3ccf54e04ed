"""The DuckDB peer: the whole job by hand-written SQL, raw files -> bronze -> silver -> gold Parquet.

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
SCRIPTS = ("bronze", "silver_events", "silver_shop", "silver_orders", "gold")
STREAMS = {
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
    """Build every table below `out`, a new folder, from the `zenith` files in `landing`.

    Table `silver.events` then lies at `<out>/silver/events/**/*.parquet`, and so on. Returns `steps` (seconds each),
    `seconds`, `rows` of each table and `peak_mb`, this process's peak resident memory in MiB. A text stream may be
    without files; events that are not UTF-8 stop the job. Raises FileExistsError if `out` is there.
    """
    began = time.perf_counter()
    out.mkdir(parents=True)
    settings = {"out": _quoted(out), "memory": memory, "timezone": timezone, "currency": currency}
    settings |= {stream: _files(landing / pattern, out) for stream, pattern in STREAMS.items()}
    steps: dict[str, float] = {}
    rows: dict[str, int] = {}
    with duckdb.connect() as connection:
        for name, statements in _steps(settings):
            start = time.perf_counter()
            written = _execute(connection, statements, out / name.replace(".", "/"))
            steps[name] = round(time.perf_counter() - start, 3)
            if written is not None:
                rows[name] = written
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"steps": steps, "seconds": round(time.perf_counter() - began, 3), "rows": rows, "peak_mb": peak}


def _steps(settings: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The steps of all scripts, in order: what each builds, and its SQL."""
    for script in SCRIPTS:
        text = Template((SQL / f"{script}.sql").read_text(encoding="utf-8")).substitute(settings)
        _, *parts = STEP.split(text)
        yield from zip(parts[::2], parts[1::2], strict=True)


def _execute(connection: duckdb.DuckDBPyConnection, statements: str, folder: Path) -> int | None:
    """Run a step; the rows it wrote into `folder`, if it writes a table."""
    written: int | None = None
    for statement in connection.extract_statements(statements):
        is_copy = statement.type == duckdb.StatementType.COPY
        if is_copy:
            folder.mkdir(parents=True)
        found = connection.execute(statement).fetchall()
        if is_copy:
            written = int(found[0][0])
    return written


def _files(pattern: Path, out: Path) -> str:
    """A pattern for SQL to read: a text stream without files is one empty file."""
    if not any(pattern.parent.glob(pattern.name)) and pattern.suffix != ".parquet":
        pattern = out / ".nothing" / pattern.name.replace("*", "nothing")
        pattern.parent.mkdir(exist_ok=True)
        pattern.touch()
    return _quoted(pattern)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def main() -> None:
    """Run the job with the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("landing", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--memory", default="8GB", help="DuckDB's memory_limit; more is spilled to disk")
    given = parser.parse_args()
    print(json.dumps(run(given.landing, given.out, memory=given.memory)))


if __name__ == "__main__":
    main()
