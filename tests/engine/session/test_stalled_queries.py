"""A query that stands still is ended, with an error that says what to do."""

import subprocess
import sys

import pytest

WATCHED = """
import os, threading, time
os.environ |= {"SAIL_EXECUTION__BATCH_SIZE": "64", "SAIL_EXECUTION__DEFAULT_PARALLELISM": "2"}
from shoplake.engine.session import sail, stalled_queries
from shoplake.engine.session.error_mapping import translate_errors
from shoplake.errors import EngineMemoryError

original, spilled = stalled_queries.StallWatch, []
def watch(session, folder):
    spilled.append(folder)
    return original(session, folder, still_s=STILL_S)
sail.StallWatch = watch
session = sail.SailServers(min_query_bytes=2 << 20).session(6 << 20)

def collect(query):
    try:
        with translate_errors():
            return len(query.collect())
    except EngineMemoryError as error:
        return error
"""
WAITS = """
goes_on = stalled_queries.goes_on = threading.Event()

def waiting(seconds):
    def wait(batches):
        from shoplake.engine.session import stalled_queries
        stalled_queries.goes_on.wait(seconds)
        yield from batches
    return session.range(13).mapInArrow(wait, "id long")

print(collect(waiting(4)))
(spilled[0] / "query").mkdir()
(spilled[0] / "query" / "block").touch()
print(collect(waiting(60)))
goes_on.set()
print(collect(session.range(13)))
"""
"""Queries that wait: one for 4 s without spilled files, and one with such a file until it was ended."""
WAITS_FOR_ITSELF = """
texts = session.range(40_000).selectExpr("id % 13 AS number", "md5(string(id % 337)) AS text")
texts.createOrReplaceTempView("texts")
until = time.monotonic() + 90
while time.monotonic() < until:
    answer = collect(session.sql("SELECT number, count(DISTINCT text) FROM texts GROUP BY number"))
    if answer != 13:
        print(answer)
        break
print(collect(texts.groupBy("number").agg({"text": "count"})))
"""
"""With little memory and small batches, one of few such queries waits for itself: datafusion issue 24883."""
ENDED = (
    "A query needs more memory than it may use: it stood still, its steps waiting for one another. "
    "Raise memory_limit and run again."
)


def test_a_query_that_has_spilled_and_stands_still_is_ended_and_the_next_one_runs():
    assert printed_by(WAITS, still_s=2) == ["13", ENDED, "13"]


@pytest.mark.slow
def test_a_query_that_waits_for_itself_is_ended_and_the_next_one_runs():
    printed = printed_by(WAITS_FOR_ITSELF, still_s=3)

    if printed == ["13"]:
        pytest.skip("no query waited for itself in 90 s")
    assert printed == [ENDED, "13"]


def printed_by(code, still_s):
    code = WATCHED.replace("STILL_S", str(float(still_s))) + code
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=150, check=False)
    assert run.returncode == 0, run.stderr[-600:]
    return run.stdout.splitlines()
