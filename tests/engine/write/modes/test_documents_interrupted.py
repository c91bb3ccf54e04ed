"""A write of documents that ends in between is completed by its repeat."""

import pytest
from sample_documents import receipt, receipts
from sample_tables import records, rows_of
from sample_writes import engine_with

from shoplake.engine.crash_hooks import set_crash_hook


@pytest.fixture
def engine(spark, tmp_path):
    return engine_with(spark, tmp_path / "lake", receipts)


@pytest.fixture
def take(engine, spark):
    def write(*sent, batch):
        return engine.write(receipts, receipts(records(spark, *sent, batch=f"b{batch:09}")))

    return write


class CutError(Exception):
    """Ends a write at a crash point."""


@pytest.mark.parametrize(
    "point",
    ["before_merge", *(pytest.param(each, marks=pytest.mark.sample) for each in ("after_merge", "after_commit"))],
)
def test_a_write_that_ends_between_append_and_merge_is_completed_by_its_repeat(engine, take, point):
    take(receipt("a", 1, 2), batch=1)

    def cut(name):
        if name == point:
            raise CutError(name)

    set_crash_hook(cut)
    try:
        take(receipt("a", 3), receipt("new", 4), batch=2)
    except CutError:
        pass
    finally:
        set_crash_hook(None)
    written = take(receipt("a", 3), receipt("new", 4), batch=2)

    assert rows_of(engine, receipts, "id", "line", "n") == [("a", 1, 3), ("new", 1, 4)]
    assert (written.rows_read, written.rows_written) == (2, 2)
