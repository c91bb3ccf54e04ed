import re

import pytest
from deltalake.exceptions import CommitFailedError
from grpc import StatusCode
from pyspark.errors import PySparkException
from pyspark.errors.exceptions.connect import SparkConnectGrpcException

from shoplake.engine.session import error_mapping
from shoplake.engine.session.error_mapping import TRIES, failures_of, retry_on_conflict, translate_errors
from shoplake.errors import CommitError, EngineConnectionLostError, EngineMemoryError


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    slept = []
    monkeypatch.setattr(error_mapping.time, "sleep", slept.append)
    return slept


def losing(times, error):
    """A commit that fails so many times, then is done."""
    left = [error] * times

    def commit():
        if left:
            raise left.pop()
        return "done"

    return commit


@pytest.mark.parametrize(
    "message",
    ["Failed to commit transaction: 3", "ConcurrentAppendException", "a conflict", "Version already exists: 7"],
)
@pytest.mark.parametrize("kind", [PySparkException, OSError, CommitFailedError])
def test_a_commit_that_lost_a_race_is_tried_again(message, kind):
    assert retry_on_conflict(losing(TRIES - 1, kind(message))) == "done"


def test_a_commit_that_works_is_done_once_without_a_pause(pauses):
    assert (retry_on_conflict(lambda: 7), pauses) == (7, [])


def test_pauses_grow(pauses):
    retry_on_conflict(losing(TRIES - 1, OSError("conflict")))

    assert len(pauses) == TRIES - 1
    assert all(later > 0 for later in pauses)
    assert pauses[-1] > 4 * pauses[0]
    assert sum(pauses) < 30


def test_after_some_tries_it_gives_up(pauses):
    with pytest.raises(CommitError, match="Write failed: conflict"):
        retry_on_conflict(losing(TRIES, OSError("conflict")))

    assert len(pauses) == TRIES - 1


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), PySparkException("\nPermission denied\nat x")]
)
def test_what_no_repetition_mends_is_not_tried_again_and_is_one_line(error, pauses):
    with pytest.raises(CommitError, match=r"^Write failed: .*(No space left|Permission denied)") as reported:
        retry_on_conflict(losing(1, error))

    assert pauses == []
    assert "\n" not in str(reported.value) and "Committed data is safe." in str(reported.value)
    assert reported.value.__cause__ is error


@pytest.mark.parametrize(
    ("cause", "advice"),
    [
        (OSError(28, "No space left on device"), "Free space on the disk and run again."),
        (
            PySparkException("Unable to copy: No space left on device (os error 28)"),
            "Free space on the disk and run again.",
        ),
        (OSError(13, "Permission denied"), "Correct the cause and run again."),
        (PySparkException('No field named "?table?".raw'), "Keep rows by parsed fields with filter_parsed("),
        (
            PySparkException("invalid argument: operation not found: e899c347-64c0-4b34-8203-c6cfeb1166d3"),
            "The engine has lost a query that took long: wait until the machine has less to do and run again.",
        ),
    ],
)
def test_what_to_do_depends_on_the_cause(cause, advice):
    with pytest.raises(CommitError, match=re.escape(f". Committed data is safe. {advice}")):
        retry_on_conflict(losing(1, cause))
    with pytest.raises(CommitError, match=re.escape(f". Committed data is safe. {advice}")), translate_errors():
        raise cause


WORKER = """
  An exception was thrown from the Python worker. Please see the stack trace below.
Traceback (most recent call last):
  File "spark.py", line 704, in __call__
  File "/srv/shop/tables/gold/prices.py", line 6, in price_of
    raise ValueError("no such thing")
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
ValueError: no such thing
second line
 SQLSTATE: 38000
"""
"""What both engines say of a Python function that fails: Sail without the last line."""
LIBRARY = WORKER.replace(
    "price_of\n", 'price_of\n  File "/usr/lib/python3/site-packages/pandas/base.py", line 9, in get\n'
)
"""The same where a library raises it, which the function calls."""
ANSI = """[DIVIDE_BY_ZERO] Division by zero. Use `try_divide` to tolerate divisor being 0. If necessary set \
"spark.sql.ansi.enabled" to "false" to bypass this error, and return NULL instead. SQLSTATE: 22012
== DataFrame ==
"""
ABORTED = """[TASK_WRITE_FAILED] Task failed while writing rows to file:/lake/gold/days. SQLSTATE: 58030

JVM stacktrace:
org.apache.spark.SparkException
Caused by: org.apache.spark.SparkException: [TASK_WRITE_FAILED] Task failed while writing rows. SQLSTATE: 58030
\tat org.apache.spark.sql.errors.QueryExecutionErrors$.taskFailedWhileWritingRowsError
Caused by: java.io.IOException: No space left on device
"""


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (WORKER, "ValueError: no such thing (prices.py, line 6)"),
        (LIBRARY, "ValueError: no such thing (prices.py, line 6)"),
        (ABORTED, "No space left on device"),
        (ABORTED.partition("Caused")[0], "[TASK_WRITE_FAILED] Task failed while writing rows to file:/lake/gold/days."),
        (ANSI, "[DIVIDE_BY_ZERO] Division by zero. Use `try_divide` to tolerate divisor being 0. Committed data"),
        ("Traceback (most recent call last):\n  oops", "Traceback (most recent call last):"),
    ],
    ids=["Python function", "library", "write on Spark", "write without a cause", "ANSI", "no place"],
)
def test_an_error_of_a_worker_says_what_went_wrong_in_it(text, cause):
    with pytest.raises(CommitError, match=f"^Write failed: {re.escape(cause)}"):
        retry_on_conflict(losing(1, PySparkException(text)))


def test_other_errors_pass_as_they_are():
    with pytest.raises(ValueError, match="conflict"):
        retry_on_conflict(losing(1, ValueError("conflict")))


def test_the_trace_behind_an_error_of_spark_is_neither_a_reason_to_try_again_nor_shown(pauses):
    error = PySparkException("No space left\n\nJVM stacktrace:\n\tat java.util.concurrent.ThreadPoolExecutor.run")

    with pytest.raises(CommitError, match=r"Write failed: No space left\. Committed"):
        retry_on_conflict(losing(1, error))
    assert pauses == []


REMOVED = """<_MultiThreadedRendezvous of RPC that terminated with:
\tstatus = StatusCode.UNAVAILABLE
\tdetails = "Stream removed (Socket closed)"
\tdebug_error_string = "UNAVAILABLE:Stream removed"
>"""


def test_a_server_that_is_gone_is_one_line(pauses):
    gone = SparkConnectGrpcException(message=REMOVED, grpc_status_code=StatusCode.UNAVAILABLE)

    for way in (lambda: retry_on_conflict(losing(1, gone)), lambda: plainly_failing(gone)):
        with pytest.raises(
            EngineConnectionLostError, match=r"^Lost connection to Spark: Stream removed \(Socket closed\)\. Committed"
        ):
            way()
    assert pauses == []


def test_a_server_that_was_started_anew_is_not_the_one_that_was_there():
    with pytest.raises(EngineConnectionLostError, match="Lost connection to Spark: "):
        plainly_failing(PySparkException("[INVALID_HANDLE.SESSION_CHANGED] The existing Spark server driver"))


def plainly_failing(error):
    with translate_errors():
        raise error


@pytest.mark.parametrize("words", ["Resources exhausted: 70.0 MB", "Failed to allocate additional 70.0 MB"])
def test_a_query_without_enough_memory_names_the_setting(words):
    with pytest.raises(EngineMemoryError, match=r"70\.0 MB\. Raise memory_limit and run again"):
        retry_on_conflict(losing(1, PySparkException(words)))


def test_a_failure_names_the_table_that_was_to_be_written_once():
    with pytest.raises(CommitError) as reported, failures_of("gold.sales"):
        retry_on_conflict(losing(1, OSError(28, "No space left on device")))

    assert str(reported.value).startswith("gold.sales: Write failed: ")
    assert isinstance(reported.value.__cause__, OSError)


def test_a_query_that_fails_outside_of_a_commit_names_the_table_too():
    with pytest.raises(CommitError, match=r"^gold\.sales: Write failed: Cast error\. "), failures_of("gold.sales"):
        raise PySparkException("Cast error")


def test_a_failure_that_names_its_table_already_is_left_alone():
    with pytest.raises(CommitError, match=r"^The changes of gold\.sales are gone$"), failures_of("gold.sales"):
        raise CommitError("The changes of gold.sales are gone")
