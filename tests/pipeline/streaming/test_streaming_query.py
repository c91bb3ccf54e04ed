import pytest
from pyspark.errors import PySparkException

from shoplake.declare import Feed
from shoplake.errors import StreamingError
from shoplake.feeds import ZENITH
from shoplake.pipeline.streaming.streaming_query import (
    SLOW,
    TRIES,
    StreamingMetrics,
    StreamingQueryHandle,
    _start,
    file_name,
    to_streaming_error,
)


def feed(path: str) -> Feed:
    return Feed("shop", ZENITH, path, "Europe/London", "GBP")


@pytest.mark.parametrize(
    ("path", "base", "name"),
    [
        ("file:/shop/events/a.json", "/shop", "events/a.json"),
        ("file:///shop/events/a b%.json", "/shop/", "events/a b%.json"),
        ("s3://bucket/shop/a.json", "s3://bucket/shop", "a.json"),
        ("file:/shopping/a.json", "/shop", None),
    ],
)
def test_a_path_as_spark_lists_it_is_the_name_in_the_feeds_folder(path, base, name):
    assert file_name(path, feed(base)) == name


def reported(batch: int, rows: int, *, late: int = 0, state: int = 0, did: bool = True) -> dict:
    operator = {"numRowsTotal": state, "numRowsDroppedByWatermark": late}
    spent = {"triggerExecution": 500} | ({"addBatch": 400} if did else {})
    return {
        "batchId": batch,
        "durationMs": spent,
        "sources": [{"numInputRows": rows}],
        "stateOperators": [operator],
        "eventTime": {"watermark": "2026-03-02T00:00:00.000Z"},
    }


def test_batches_are_counted_once_however_often_they_are_reported():
    progress = StreamingMetrics()
    assert progress.count([reported(0, 100, late=2), reported(1, 50, late=3, state=40)])
    assert not progress.count([reported(1, 50, late=3, state=40)])
    assert (progress.batches, progress.rows, progress.late_rows, progress.state_rows) == (2, 150, 5, 40)
    assert progress.rows_per_second == 100


def test_a_batch_without_input_is_not_counted_but_its_late_rows_and_state_are():
    progress = StreamingMetrics()
    assert not progress.count([reported(0, 0, late=1, state=7)])
    assert (progress.batches, progress.late_rows, progress.state_rows) == (0, 1, 7)


def test_a_trigger_that_found_nothing_says_nothing():
    progress = StreamingMetrics()
    assert not progress.count([reported(3, 10, late=9, did=False)])
    assert progress.late_rows == 0


def test_what_a_function_on_the_server_raised_is_one_line():
    text = 'Python\nTraceback:\n  File "x"\nshoplake.errors.StreamingError: silver.events lacks a column.\nmore'
    assert "silver.events lacks a column." in str(to_streaming_error(text))
    assert "ValueError: no" in str(to_streaming_error("Traceback:\n  File\nValueError: no\n"))


class Failed:
    """A query that ended with an error."""

    isActive = False  # noqa: N815
    recentProgress = ()  # noqa: N815

    def exception(self):
        return "shoplake.errors.LakeLockedError: The lease has ended."


def test_a_query_that_failed_says_so_when_it_is_asked_how_it_goes():
    query = object.__new__(StreamingQueryHandle)
    query._query, query.metrics = Failed(), StreamingMetrics()
    with pytest.raises(StreamingError, match="The lease has ended"):
        query.has_moved()


class Slow:
    """A query whose Python starts after so many tries."""

    def __init__(self, tries: int, why: str = SLOW) -> None:
        self.left, self.why = tries, why

    def trigger(self, **_):
        return self

    def start(self):
        self.left -= 1
        if self.left:
            raise PySparkException(self.why)
        return "query"


def test_a_query_whose_python_came_up_too_slowly_is_started_again():
    assert _start(Slow(TRIES), {}) == "query"
    for hopeless in (Slow(TRIES + 1), Slow(2, "no such table")):
        with pytest.raises(PySparkException):
            _start(hopeless, {})
