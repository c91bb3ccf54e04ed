"""A query that stands still is ended, with an error that says what to do."""

import subprocess
import sys

STANDS_STILL = """
import os, time
os.environ |= {"SAIL_EXECUTION__BATCH_SIZE": "64", "SAIL_EXECUTION__DEFAULT_PARALLELISM": "2"}
from shoplake.engine.session import sail, stalled_queries
from shoplake.engine.session.error_mapping import translate_errors
from shoplake.errors import EngineMemoryError

original = stalled_queries.StallWatch
sail.StallWatch = lambda session, spilled: original(session, spilled, still_s=3.0)
session = sail.SailServers(min_query_bytes=2 << 20).session(6 << 20)
texts = session.range(40_000).selectExpr("id % 13 AS number", "md5(string(id % 337)) AS text")
counted = texts.groupBy("number").agg({"text": "count"})
print(len(counted.collect()))
time.sleep(4)
texts.createOrReplaceTempView("texts")
for _ in range(20):
    try:
        with translate_errors():
            session.sql("SELECT number, count(DISTINCT text) FROM texts GROUP BY number").collect()
    except EngineMemoryError as error:
        print(error)
        break
print(len(counted.collect()))
"""
"""With little memory and small batches, one of few such queries waits for itself: datafusion issue 24883."""


def test_a_query_that_waits_for_itself_is_ended_and_the_next_one_runs():
    run = subprocess.run([sys.executable, "-c", STANDS_STILL], capture_output=True, text=True, timeout=100, check=False)

    assert run.stdout.splitlines() == [
        "13",
        "A query needs more memory than it may use: it stood still, its steps waiting for one another. "
        "Raise memory_limit and run again.",
        "13",
    ], run.stderr[-600:]
