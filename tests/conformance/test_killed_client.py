"""A process is killed while the local Spark server writes for it: its rows are not committed beside the next run's."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from shoplake.engine.session.spark.session import SESSIONS

if TYPE_CHECKING:
    from pathlib import Path

CLIENT = """
import sys
from pyspark.sql import functions as F
from pyspark.sql.types import StringType
from shoplake.engine.session.spark.session import session

def wait(path):
    import os, time
    while not os.path.exists(path):
        time.sleep(0.05)
    return path

slow = F.udf(wait, StringType())(F.lit(sys.argv[2]))
rows = session("local").range(1).select("id", slow.alias("waited"))
rows.write.format("delta").mode("append").save(sys.argv[1])
"""


def client(table: Path, may_end: Path) -> subprocess.Popen[bytes]:
    """Start a process whose write the server ends once a file is there, and wait until it has begun."""
    started = subprocess.Popen([sys.executable, "-c", CLIENT, str(table), str(may_end)])
    while not list(table.rglob("*.parquet")):
        assert started.poll() is None
        time.sleep(0.05)
    return started


def commits(table: Path, may_end: Path) -> list[str]:
    """Return the names of the commits that a table has, once a write would have ended that was not ended."""
    may_end.touch()
    time.sleep(3)
    return [path.name for path in table.glob("_delta_log/*.json")]


def test_the_write_of_a_killed_process_is_ended_by_the_next_writer(on_spark, tmp_path):
    table, may_end = tmp_path / "table", tmp_path / "may-end"
    victim = client(table, may_end)
    victim.kill()
    victim.wait()

    assert len(SESSIONS.end_killed()) == 1

    assert commits(table, may_end) == []
    assert SESSIONS.end_killed() == []
