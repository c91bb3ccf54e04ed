import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sample_tables import MARK_FILES, drop

from shoplake.declare import Feed, FeedKind, Stream
from shoplake.engine.ingest.file_ingestion import FileIngestion
from shoplake.engine.state.ops_tables import FILES
from shoplake.errors import UnknownTableError


def states(state_store):
    return sorted((row["path"], row["state"], row["batch_id"]) for row in state_store.read(FILES))


def test_new_files_are_ingested_once(landing, take, state_store):
    drop(landing / "marks/a.json", "{}")

    assert take()[0] == [("b000000001", ["marks/a.json"])]
    assert take()[0] == []
    assert states(state_store) == [("marks/a.json", "ingested", "b000000001")]


def test_the_state_store_knows_a_file_by_size_time_and_content(landing, take, state_store):
    path = drop(landing / "marks/a.json", "abc")
    take()

    (row,) = state_store.read(FILES)
    assert (row["feed"], row["stream"], row["size"], row["run_id"]) == ("shop", "marks_raw", 4, "r1")
    assert row["sha256"] == "edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb"
    assert row["modified_at"].timestamp() == pytest.approx(path.stat().st_mtime, abs=1e-5)


def test_batches_are_bounded_and_numbered_on(landing, take):
    for name in "abc":
        drop(landing / f"marks/{name}.json", name)
    first, _ = take(max_files_per_batch=2)
    drop(landing / "marks/d.json", "d")

    assert [(id, len(names)) for id, names in first] == [("b000000001", 2), ("b000000002", 1)]
    assert take()[0] == [("b000000003", ["marks/d.json"])]


def test_a_batch_that_did_not_land_is_found_new_again_under_its_number(landing, take, state_store, settings):
    drop(landing / "marks/a.json", "{}")
    list(FileIngestion(state_store, settings, "r0", datetime.now(UTC)).batches())

    assert take()[0] == [("b000000001", ["marks/a.json"])]


def test_the_same_content_under_a_new_time_is_the_same_and_not_ingested(landing, take, state_store):
    path = drop(landing / "marks/a.json", "{}")
    take()
    os.utime(path, (1, 1))

    assert (take()[0], take()[0]) == ([], [])
    assert states(state_store) == [("marks/a.json", "ingested", "b000000001"), ("marks/a.json", "unchanged", None)]


def test_new_content_under_a_known_name_is_refused_once(landing, take, state_store):
    drop(landing / "marks/a.json", "1")
    take()
    drop(landing / "marks/a.json", "22")

    found, ingestion = take()
    assert (found, ingestion.rejected) == ([], ["shop: marks/a.json"])
    assert take()[1].rejected == []
    assert ("marks/a.json", "rejected", None) in states(state_store)


@pytest.mark.parametrize(("content", "is_taken"), [("1\n2", True), ("2\n1", False), ("", False)])
def test_a_file_that_has_only_grown_replaces_what_was_read_of_it(landing, take, content, is_taken):
    drop(landing / "marks/a.json", "1")
    take()
    drop(landing / "marks/a.json", content)

    found, ingestion = take()

    assert found == ([("b000000002", ["marks/a.json"])] if is_taken else [])
    assert ingestion.rejected == ([] if is_taken else ["shop: marks/a.json"])
    assert bool(ingestion.registry.superseded_files("marks_raw")) == is_taken
    assert take()[0] == []


def test_a_revision_of_the_same_size_is_refused_too(landing, take):
    path = drop(landing / "marks/a.json", "1")
    take()
    drop(path, "2")
    os.utime(path, (1, 1))

    assert take()[1].rejected == ["shop: marks/a.json"]


def test_new_content_supersedes_what_was_there_where_that_is_the_rule(landing, take, state_store):
    path = drop(landing / "marks/a.json", "1")
    for content in ("1", "22", "333"):
        drop(path, content)
        _, ingestion = take(on_changed_file="replace")

    path = ("shop", "marks/a.json")
    assert ingestion.registry.superseded_files("marks_raw") == {path: (["b000000001", "b000000002"], "b000000003")}
    assert ingestion.registry.superseded_files("prices_raw") == {}
    assert ingestion.rejected == []


def test_content_that_was_superseded_may_come_back(landing, take):
    path = landing / "marks/a.json"
    for number, content in enumerate(("1", "22", "1")):
        os.utime(drop(path, content), (number, number))
        _, ingestion = take(on_changed_file="replace")

    assert ingestion.registry.superseded_files("marks_raw")["shop", "marks/a.json"] == (
        ["b000000001", "b000000002"],
        "b000000003",
    )


def test_a_file_that_was_refused_is_ingested_when_the_rule_changes(landing, take):
    drop(landing / "marks/a.json", "1")
    take()
    drop(landing / "marks/a.json", "22")
    take()

    assert take(on_changed_file="replace")[0] == [("b000000002", ["marks/a.json"])]


def test_a_young_file_waits_for_the_next_run(landing, take):
    path = drop(landing / "marks/a.json", "{}")

    assert take(min_file_age_s=3600)[0] == []
    hours_ago = (datetime.now(UTC) - timedelta(hours=2)).timestamp()
    os.utime(path, (hours_ago, hours_ago))
    assert len(take(min_file_age_s=3600)[0]) == 1


def test_a_file_that_is_written_after_the_run_began_waits_too(landing, take):
    drop(landing / "marks/a.json", "{}")

    assert take(began_ago=timedelta(seconds=5), min_file_age_s=60)[0] == []


def test_equal_content_under_two_names_is_two_files(landing, take):
    for name in "ab":
        drop(landing / f"marks/{name}.json", "{}")

    assert take()[0] == [("b000000001", ["marks/a.json", "marks/b.json"])]


# One file for several tables

BOTH = FeedKind("both", "Both", (MARK_FILES, Stream("marks/*.json", "json", "prices_raw", ("price",))), {})


@pytest.fixture
def both(landing):
    return {"feeds": (Feed("shop", BOTH, str(landing)),)}


def test_a_file_of_two_streams_is_ingested_into_both_tables(landing, take, state_store, both):
    drop(landing / "marks/a.json", "{}")

    take(**both)

    assert sorted(row["stream"] for row in state_store.read(FILES)) == ["marks_raw", "prices_raw"]
    assert take(**both)[0] == []


def test_a_file_whose_tables_are_in_two_batches_is_resumed_between_them(landing, state_store, settings, both):
    drop(landing / "marks/a.json", "{}")
    changed = replace(settings, max_files_per_batch=1, **both)
    ingestion = FileIngestion(state_store, changed, "r1", datetime.now(UTC))
    ingestion.commit_batch(next(ingestion.batches()))

    [rest] = FileIngestion(state_store, changed, "r2", datetime.now(UTC)).batches()

    assert (rest.id, [file.stream.into for file in rest.files]) == ("b000000002", ["prices_raw"])


def test_a_replaced_file_supersedes_its_records_in_both_tables(landing, take, both):
    for content in ("1", "22"):
        drop(landing / "marks/a.json", content)
        _, ingestion = take(on_changed_file="replace", **both)

    replaced = {("shop", "marks/a.json"): (["b000000001"], "b000000002")}
    assert ingestion.registry.superseded_files("marks_raw") == replaced
    assert ingestion.registry.superseded_files("prices_raw") == replaced


def test_a_file_of_two_streams_is_rejected_and_named_once(landing, take, both):
    for content in ("1", "22"):
        drop(landing / "marks/a.json", content)
        _, ingestion = take(**both)

    assert ingestion.rejected == ["shop: marks/a.json"]


def test_a_file_whose_stream_goes_into_no_table_is_not_ingested(landing, state_store, settings):
    drop(landing / "marks/a.json", "{}")
    ingestion = FileIngestion(state_store, settings, "r1", datetime.now(UTC))
    [batch] = ingestion.batches()

    with pytest.raises(UnknownTableError, match=r"'marks_raw', read by the stream 'marks/\*.json'"):
        ingestion.ingest(batch, [], None, None)
    assert states(state_store) == []
