"""One system's job of `sessions.py`: `python sessions_job.py SYSTEM FILES OUT` prints wall and CPU seconds as JSON.

The time of importing and of starting the engine is not in `seconds`; `sessions.py` measures the whole process too.
"""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from process import run_job

if TYPE_CHECKING:
    from collections.abc import Callable

SQL = Path(__file__).parent / "sql" / "silver_events.sql"


def duckdb_job(files: Path, out: Path) -> Callable[[], object]:
    """Prepare the step of the full build over these events."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = 2; SET memory_limit = '8GB'; SET temp_directory = '{out}/spilled'")
    connection.execute("SET preserve_insertion_order = false; SET TimeZone = 'UTC'")
    connection.execute(f"CREATE VIEW events AS FROM read_parquet('{files}/*.parquet')")
    rates = "currency VARCHAR, first_date DATE, last_date DATE, rate DECIMAL(18, 10)"
    connection.execute(f"CREATE TABLE exchange_rate_periods ({rates})")
    step = SQL.read_text().partition("-- step: silver.sessions")[2].partition("CREATE VIEW")[0]
    (out / "silver").mkdir(parents=True)
    return lambda: connection.execute(Template(step).substitute(out=out, currency="GBP"))


def shoplake_job(files: Path, out: Path) -> Callable[[], object]:
    """Prepare shoplake's function, with Parquet output."""
    from shoplake.declare import Feed
    from shoplake.engine.session import sail
    from shoplake.feeds import ZENITH
    from shoplake.tables.silver.exchange_rate_periods import exchange_rate_periods as periods
    from shoplake.tables.silver.sessions import sessions

    session = sail.session(8 << 30)
    events = session.read.parquet(str(files))
    no_rates = session.createDataFrame([], ", ".join(f"{each.name} {each.type}" for each in periods.columns))
    session_rows = sessions(events, no_rates, feeds=(Feed("shop", ZENITH, str(files), currency="GBP"),))
    session.range(1).mapInArrow(lambda blocks: blocks, "id bigint").collect()
    return lambda: (
        session_rows.write.option("compression", "snappy")
        .partitionBy("session_date")
        .parquet(str(out / "silver" / "sessions"))
    )


if __name__ == "__main__":
    run_job({"duckdb": duckdb_job, "shoplake": shoplake_job})
