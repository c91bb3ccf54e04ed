from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sample_tables import ARRIVED, MARK_FILES, PRICE_FILES

from shoplake.engine.ingest.file_discovery import File
from shoplake.engine.ingest.file_registry import FileRegistry
from shoplake.engine.state.ops_tables import FILES
from shoplake.engine.state.state_store import StateStore
from shoplake.errors import IncompatibleLakeError

NOW = datetime(2026, 3, 9, tzinfo=UTC)


@pytest.fixture
def state(state_store):
    return state_store


@pytest.fixture
def registry(state):
    """Two batches: a file of marks, then one of marks and one of prices."""
    made = FileRegistry(state, "r1", NOW)
    made.record([file("a")], "ingested", "b000000001")
    made.record([file("b"), file("a", PRICE_FILES)], "ingested", "b000000002")
    return made


def file(name, stream=MARK_FILES, size=4):
    return File("shop", stream, f"/{name}", f"{stream.into}/{name}", size, ARRIVED, "sha")


def test_the_batches_of_a_table_are_known(registry):
    assert registry.batches_since("marks_raw", None) == {"b000000001", "b000000002"}
    assert registry.batches_since("marks_raw", "b000000001") == {"b000000002"}
    assert registry.batches_since("prices_raw", None) == {"b000000002"}
    assert registry.batches_since("nothing", None) == set()


def test_the_latest_batch_is_that_of_any_of_the_tables(registry):
    assert registry.latest_batch(["marks_raw", "nothing"]) == registry.latest_batch(["prices_raw"]) == "b000000002"
    assert registry.latest_batch(["nothing"]) is None


def test_nothing_is_read_of_batches_where_none_is_newer(registry, monkeypatch):
    monkeypatch.setattr(StateStore, "scan", None)

    assert registry.batches_since("marks_raw", "b000000002") == set()


def test_batch_numbers_continue_after_those_of_tables_that_are_gone(registry, state):
    state.append(FILES, [{"batch_id": "b000000041", "stream": "other_raw"}], {"batch/": 41, "batch/other_raw": 41})

    assert registry.last_number() == 41


def test_state_without_markers_is_of_another_version(state):
    state.append(FILES, [{"batch_id": "b000000041", "stream": "marks_raw"}])

    with pytest.raises(IncompatibleLakeError, match="another version of shoplake"):
        FileRegistry(state, "r1", NOW).last_number()


def test_the_last_version_of_a_file_is_known(registry, state):
    FileRegistry(state, "r2", NOW + timedelta(days=1)).record([file("a", size=9)], "unchanged", None)

    assert registry.known_versions([file("a"), file("z")], may_replace=False) == {
        ("shop", "marks_raw", "marks_raw/a"): (9, ARRIVED)
    }


def test_a_rejected_version_is_unknown_where_it_may_replace_another(registry):
    registry.record([file("c")], "rejected", None)

    known = [registry.known_versions([file("c")], may_replace=each) for each in (False, True)]
    assert known == [{("shop", "marks_raw", "marks_raw/c"): (4, ARRIVED)}, {}]


def test_a_replaced_file_is_known_with_its_old_and_new_batches(registry):
    (old,) = [row for row in registry.rows_of(["marks_raw/a"]) if row["stream"] == "marks_raw"]
    registry.record([file("a", size=9)], "ingested", "b000000003", [old])

    assert registry.superseded_files("marks_raw") == {("shop", "marks_raw/a"): (["b000000001"], "b000000003")}
    assert registry.superseded_files("prices_raw") == {}


def test_without_a_lake_nothing_is_known(tmp_path):
    empty = FileRegistry(StateStore(str(tmp_path / "none")), "r1", NOW)

    assert empty.is_empty
    assert empty.known_versions([file("a")], may_replace=False) == {}
    assert not (tmp_path / "none").exists()


def test_batches_of_corrected_records_are_known_by_their_table(registry):
    corrected = File("shop", MARK_FILES, "", "_fixes/0123456789abcdef.ndjson", 4, None, "sha")
    assert registry.fix_batches("marks_raw") == set()
    registry.record([corrected], "ingested", "b000000003")

    assert registry.fix_batches("marks_raw") == {"b000000003"}
    assert registry.fix_batches("prices_raw") == set()


def test_batches_of_corrected_records_are_read_once_and_again_after_a_batch(registry, state, monkeypatch):
    corrected = File("shop", MARK_FILES, "", "_fixes/0123456789abcdef.ndjson", 4, None, "sha")
    registry.record([corrected], "ingested", "b000000003")
    known = registry.fix_batches("marks_raw")
    with monkeypatch.context() as patch:
        patch.setattr(StateStore, "read", None)
        assert registry.fix_batches("marks_raw") is known
    FileRegistry(state, "r2", NOW).record([replace(corrected, name="_fixes/x.ndjson")], "ingested", "b000000004")

    assert registry.fix_batches("marks_raw") == {"b000000003", "b000000004"}
