import os
import subprocess
import sys

import pytest

from shoplake.engine.session import sail
from shoplake.engine.session.resources import RESERVED_BYTES
from shoplake.missing_engine import EngineNotInstalledError

ASK = """
import os
from shoplake.engine.session import sail
from shoplake.engine.session.resources import RESERVED_BYTES
spark = sail.session(300_000_000)
print(spark.sql("SELECT current_timezone()").collect()[0][0], os.environ["TZ"])
print(sorted(name for name in os.environ if name.startswith(("SAIL_", "MIMALLOC_", "RUST_LOG"))))
"""

UNANSWERED = """
import threading
from shoplake.engine.session import sail
for memory in (300_000_000, 400_000_000):
    sail.session(memory).client.execute_command = lambda *_: threading.Event().wait()
"""


def test_a_process_has_one_server_on_loopback_whoever_asks(spark):
    assert sail.session() is spark

    assert {host for host, _ in sail.SERVERS.addresses()} == {"127.0.0.1"}


def test_sessions_reckon_in_utc_and_by_ansi_rules(spark):
    assert {name: spark.conf.get(name) for name in sail.SETTINGS} == sail.SETTINGS
    assert spark.sql("SELECT CAST(TIMESTAMP '2026-03-29 01:30:00' AS STRING)").collect()[0][0] == "2026-03-29 01:30:00"


def test_sail_leaves_the_environment_as_it_was_but_utc_and_the_process_ends_by_itself():
    environment = os.environ | {"TZ": "America/New_York"}
    environment = {
        name: value for name, value in environment.items() if not name.startswith(("SAIL_", "MIMALLOC_", "RUST_LOG"))
    }

    done = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.split()) == (0, ["UTC", "UTC", "[]"]), done.stderr


def test_a_process_ends_though_an_interrupted_client_gets_no_more_answers_to_queries():
    done = subprocess.run([sys.executable, "-c", UNANSWERED], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_blocks_are_large_only_where_there_is_room_for_them():
    sizes = [sail.environment(memory).get("SAIL_EXECUTION__BATCH_SIZE") for memory in (None, 8 << 30, 3 << 30)]

    assert sizes == ["32768", "32768", None]


def test_queries_may_hold_what_the_cap_leaves_them_and_without_one_what_there_is():
    limit = "SAIL_RUNTIME__MEMORY_POOL__FAIR__MAX_SIZE"

    assert sail.environment(4 << 30)[limit] == str((4 << 30) - RESERVED_BYTES)
    assert limit not in sail.environment()


def test_a_session_may_be_idle_for_days():
    assert int(sail.environment()["SAIL_SPARK__SESSION_TIMEOUT_SECS"]) > 30 * 86_400


def test_without_its_package_the_error_says_what_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "pysail.spark", None)

    with pytest.raises(EngineNotInstalledError, match=r"pysail is not installed.*pip install 'shoplake\[sail\]'"):
        sail.SailServers().session()
