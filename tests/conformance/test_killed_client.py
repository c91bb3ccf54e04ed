"""A process is killed while the local Spark server writes for it: its rows are not committed beside the next run's."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from shoplake.engine.session.spark.session import SESSIONS

if TYPE_CHECKING:
    from pathlib import Path

SLEEP_S = 6
CLIENT = f"""
import sys
from pyspark.sql import functions as F
from shoplake.engine.session.spark.session import session
slow = F.expr("reflect('java.lang.Thread', 'sleep', cast({SLEEP_S * 1000} as bigint))")
rows = session("local").range(1).select("id", slow.alias("slept"))
rows.write.format("delta").mode("append").save(sys.argv[1])
"""


def client(table: Path) -> subprocess.Popen[bytes]:
    """Start a process whose write takes the server some seconds, and wait until that has begun."""
    started = subprocess.Popen([sys.executable, "-c", CLIENT, str(table)])
    while not list(table.rglob("*.parquet")):
        assert started.poll() is None
        time.sleep(0.05)
    return started


def commits(table: Path) -> list[str]:
    """Return the names of the commits that a table has, once a slow write would have ended."""
    time.sleep(SLEEP_S + 2)
    return [path.name for path in table.glob("_delta_log/*.json")]


def test_the_write_of_a_killed_process_is_ended_by_the_next_writer(on_spark, tmp_path):
    victim = client(tmp_path / "table")
    victim.kill()
    victim.wait()

    assert len(SESSIONS.end_killed()) == 1

    assert commits(tmp_path / "table") == []
    assert SESSIONS.end_killed() == []
