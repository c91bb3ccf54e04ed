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
import duckdb_models

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SQL = Path(__file__).parent / "sql"
SILVER = ("rates", "events", "sessions", "shop", "orders", "spend", "identity", "carts", "enriched")
GOLD = (
    *("conversion", "performance", "orders", "sales", "reconciliation", "customers", "segments", "cohorts", "value"),
    *("attribution", "products", "watching"),
)
GOLD_SCRIPTS = tuple(f"gold/{name}" for name in GOLD)
SCRIPTS = ("setup", "bronze", *(f"silver/{name}" for name in SILVER), *GOLD_SCRIPTS)
STREAMS = {
    "events": "events/*.json",
    "customers": "customers/*.csv",
    "products": "products/*.parquet",
    "product_changes": "product_changes/*.json",
    "orders": "orders/*.json",
    "refunds": "refunds/*.json",
    "exchange_rates": "exchange_rates/*.csv",
    "spend": "spend/*.csv",
}
STEP = re.compile(r"^-- step: (\S+)$", re.MULTILINE)
VIEW = "CREATE OR REPLACE VIEW {name} AS FROM read_parquet('{files}', hive_partitioning = true)"
SHOP = {"feed": "shop", "timezone": "Europe/London", "currency": "GBP"}
PARTITIONED = re.compile(r"TO '([^']*)' \(FORMAT parquet, PARTITION_BY \(\w+\)\)")
PYTHON = re.compile(r"^-- python: (\S+)$", re.MULTILINE)
TABLE = re.compile(r"TO '\$out/(\w+)/(\w+)")


def run(landing: Path, out: Path, *, memory: str = "8GB", **shop: str) -> dict[str, Any]:
    """Build every table below `out`, a new folder, from the `zenith` files in `landing`.

    Table `silver.events` is at `<out>/silver/events/**/*.parquet`, and so on. `shop` has the `feed`'s name, `timezone`
    and `currency`. Returns `steps` (seconds each), `cpu_steps` (CPU seconds each), `seconds`, `rows` of each table and
    `peak_mb`, this process's peak resident memory in MiB. A text stream may be without files; events that are not
    UTF-8 stop the job. Raises FileExistsError if `out` is there.
    """
    out.mkdir(parents=True)
    with duckdb.connect() as connection:
        return run_scripts(connection, SCRIPTS, out, shop_settings(landing, out, memory=memory, **shop))


def shop_settings(landing: Path, out: Path, *, memory: str = "8GB", **shop: str) -> dict[str, str]:
    """Return what the scripts are filled in with."""
    streams = {stream: _files(landing / pattern, out) for stream, pattern in STREAMS.items()}
    return SHOP | shop | streams | {"memory": memory}


def run_scripts(
    connection: duckdb.DuckDBPyConnection, scripts: Sequence[str], out: Path, settings: dict[str, str]
) -> dict[str, Any]:
    """Run scripts by name; a table that one writes is a view for those after it. Returns what `run` returns."""
    began, cpu_began = time.perf_counter(), time.process_time()
    steps: dict[str, float] = {}
    cpu_steps: dict[str, float] = {}
    rows: dict[str, int] = {}
    for name, statements in _steps(scripts, settings | {"out": _escape(out)}):
        start, cpu_start = time.perf_counter(), time.process_time()
        count = _execute(connection, statements, out / name.replace(".", "/"))
        steps[name] = round(time.perf_counter() - start, 3)
        cpu_steps[name] = round(time.process_time() - cpu_start, 3)
        if count is not None:
            rows[name] = count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    return {
        "steps": steps,
        "cpu_steps": cpu_steps,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu_seconds, 3),
        "rows": rows,
        "peak_mb": peak,
    }


def tables() -> set[str]:
    """Return the tables that the scripts write, quarantines included, by `layer.table`."""
    texts = [(SQL / f"{script}.sql").read_text(encoding="utf-8") for script in SCRIPTS]
    return {f"{layer}.{name}" for text in texts for layer, name in TABLE.findall(text)}


def _steps(scripts: Sequence[str], settings: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the steps of the scripts in order: table name and SQL."""
    for script in scripts:
        text = Template((SQL / f"{script}.sql").read_text(encoding="utf-8")).substitute(settings)
        _, *parts = STEP.split(text)
        yield from zip(parts[::2], parts[1::2], strict=True)


def _execute(connection: duckdb.DuckDBPyConnection, statements: str, folder: Path) -> int | None:
    """Run a step; return the number of rows it writes into `folder`, or None if it writes no table."""
    count: int | None = None
    for function in PYTHON.findall(statements):
        duckdb_models.STEPS[function](connection)
    for statement in connection.extract_statements(statements):
        is_copy = statement.type == duckdb.StatementType.COPY
        if is_copy:
            folder.mkdir(parents=True)
        rows_written = connection.execute(statement).fetchall()
        if is_copy:
            count = int(rows_written[0][0])
            if not count:  # without rows a table of partitions has no file to be read
                connection.execute(PARTITIONED.sub(r"TO '\1/empty.parquet'", statement.query))
            connection.execute(VIEW.format(name=folder.name, files=f"{_escape(folder)}/**/*.parquet"))
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
