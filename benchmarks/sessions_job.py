"""One system's job of `sessions.py`: `python sessions_job.py SYSTEM FILES OUT` prints wall and CPU seconds as JSON.

The time of importing and of starting the engine is not in `seconds`; `sessions.py` measures the whole process too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb_job as peer
from process import run_job

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def duckdb_job(files: Path, out: Path) -> Callable[[], object]:
    """Prepare the step of the full build over these events."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW events AS FROM read_parquet('{files}/*.parquet')")
    rates = "currency VARCHAR, first_date DATE, last_date DATE, rate DECIMAL(18, 10)"
    connection.execute(f"CREATE TABLE exchange_rate_periods ({rates})")
    out.mkdir(parents=True)
    settings = peer.SHOP | {"memory": "8GB"}
    return lambda: peer.run_scripts(connection, ("setup", "silver/sessions"), out, settings)


def shoplake_job(files: Path, out: Path) -> Callable[[], object]:
    """Prepare shoplake's function, with Parquet output."""
    from shoplake.declare import Feed
    from shoplake.engine.session import sail
    from shoplake.feeds import ZENITH
    from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods as periods
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
