import gzip
import zipfile
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sample_files import write_workbook

from shoplake.declare import Feed, FeedKind, Stream
from shoplake.engine.ingest.file_discovery import (
    UNFINISHED,
    Batch,
    File,
    batch_id,
    batches,
    changed_files,
    inspect_file,
    list_all_files,
    list_files,
    older_than,
)
from shoplake.errors import LandingError

MARKS = Stream("marks/*.json", "json", "marks_raw")
SHEETS = Stream("*.parquet", "parquet", "sheets_raw")
KIND = FeedKind("toy", "Toys", (MARKS, SHEETS), {})
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


def file(name="f", size=1, modified_at=NOW, stream=MARKS, path=""):
    return File("shop", stream, path, name, size, modified_at)


def found(folder, name="shop"):
    return [each.name for each in list_files((Feed(name, KIND, str(folder)),))]


def put(folder, *names, content=b"{}\n"):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_the_files_of_a_feeds_streams_are_found_by_name(tmp_path):
    put(tmp_path, "marks/b.json", "marks/a.json.gz", "marks/c.json.zst", "x.parquet")

    assert found(tmp_path) == ["marks/a.json.gz", "marks/b.json", "marks/c.json.zst", "x.parquet"]


def test_other_files_and_those_in_deeper_folders_are_left(tmp_path):
    put(tmp_path, "ground_truth.json", "marks/a.csv", "marks/old/a.json", "a/marks/a.json", "notes.txt", "marks.json")

    assert found(tmp_path) == []


@pytest.mark.parametrize("name", [".a.json", "_a.json", ".marks/a.json", *[f"a.json{end}" for end in UNFINISHED]])
def test_a_file_with_the_name_of_an_unfinished_one_is_left(tmp_path, name):
    wide = FeedKind(
        "wide", "All", (Stream("marks/*", "json", "marks_raw"), Stream(".marks/*", "json", "marks_raw")), {}
    )
    put(tmp_path, f"marks/{name}" if "/" not in name else name)

    assert list_files((Feed("shop", wide, str(tmp_path)),)) == []


def test_each_file_says_where_it_lies_how_large_it_is_and_when_it_changed(tmp_path):
    put(tmp_path, "marks/a b.json")

    (one,) = list_files((Feed("shop", KIND, f"{tmp_path}/"),))

    assert (one.feed, one.stream, one.path, one.size) == ("shop", MARKS, f"{tmp_path}/marks/a b.json", 3)
    assert abs((datetime.now(UTC) - one.modified_at).total_seconds()) < 60


def test_feeds_come_one_after_the_other(tmp_path):
    feeds = [Feed(name, KIND, str(put(tmp_path / name, "marks/a.json"))) for name in ("b", "a")]

    assert [each.feed for each in list_files(tuple(feeds))] == ["a", "b"]


def test_a_folder_that_is_not_there_is_named_with_what_to_do(tmp_path):
    with pytest.raises(LandingError, match=r"feed 'shop' cannot be listed: .*nowhere.* Set feeds\.shop\.path"):
        found(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("limits", "sizes"),
    [
        ({"max_files": 2, "max_bytes": 99}, [[1, 2], [30, 4], [5]]),
        ({"max_files": 9, "max_bytes": 9}, [[1, 2], [30], [4, 5]]),
        ({"max_files": 9, "max_bytes": 3}, [[1, 2], [30], [4], [5]]),
        ({"max_files": 9, "max_bytes": 99}, [[1, 2, 30, 4, 5]]),
    ],
)
def test_a_batch_has_no_more_files_and_bytes_than_allowed(limits, sizes):
    made = list(batches([file(size=size) for size in (1, 2, 30, 4, 5)], 7, NOW, **limits))

    assert [[each.size for each in batch.files] for batch in made] == sizes
    assert [batch.id for batch in made] == [batch_id(7 + place) for place in range(len(sizes))]


def test_without_files_there_is_no_batch():
    assert list(batches([], 1, NOW, max_files=1, max_bytes=1)) == []


def test_the_ids_of_batches_sort_as_their_numbers_do():
    assert sorted(map(batch_id, (10, 9, 1_000_000, 2))) == [batch_id(n) for n in (2, 9, 10, 1_000_000)]


def test_a_batch_knows_which_of_its_files_go_into_a_table():
    batch = Batch("b1", (file("a"), file("b", stream=SHEETS), file("c")), NOW)

    assert [each.name for each in batch.into("marks_raw")] == ["a", "c"]


@pytest.mark.parametrize(
    ("age", "is_taken"), [(0, False), (59, False), (60, True), (3600, True), (-5, True), (-86_400, True)]
)
def test_a_young_file_waits_and_one_from_the_future_does_not(age, is_taken):
    one = file(modified_at=NOW - timedelta(seconds=age))

    assert older_than([one], 60, NOW) == ([one] if is_taken else [])


def test_without_a_time_to_settle_no_file_waits():
    files = [file(), file(modified_at=None)]

    assert older_than(files, 0, NOW) == files


@pytest.mark.parametrize(
    "change", [{"size": 2}, {"modified_at": NOW + timedelta(seconds=1)}, {"name": "g"}], ids=lambda change: str(*change)
)
def test_a_file_is_new_unless_its_name_size_and_time_are_known(change):
    known = {("shop", "marks_raw", "f"): (1, NOW)}

    assert changed_files([file()], known) == []
    assert changed_files([file(**change)], known) == [file(**change)]


def test_a_file_is_looked_at_for_its_content(tmp_path):
    put(tmp_path, "f", content=b"abc")

    found = inspect_file(file(size=3, path=str(tmp_path / "f")))

    assert found.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert found.problem is None


def test_a_file_that_grew_since_it_was_listed_is_left(tmp_path):
    put(tmp_path, "f", content=b"abcd")

    assert inspect_file(file(size=3, path=str(tmp_path / "f"))) is None


def test_the_content_of_a_compressed_file_is_that_on_the_disk(tmp_path):
    packed = gzip.compress(b"abc", mtime=0)
    put(tmp_path, "f.gz", content=packed)

    found = inspect_file(file("f.gz", size=len(packed), path=str(tmp_path / "f.gz")))

    assert (found.problem, found.size) == (None, len(packed))
    assert not found.sha256.startswith("ba7816bf")


def test_a_file_of_several_streams_is_a_file_of_each_table(tmp_path):
    twice = (MARKS, Stream("marks/a.json", "json", "things_raw"), Stream("marks/*", "json", "marks_raw"))
    put(tmp_path, "marks/a.json", "marks/b.json")

    files = list_files((Feed("shop", FeedKind("toy", "Toys", twice, {}), str(tmp_path)),))

    assert [each.key for each in files] == [
        ("shop", "marks_raw", "marks/a.json"),
        ("shop", "things_raw", "marks/a.json"),
        ("shop", "marks_raw", "marks/b.json"),
    ]


def damaged(tmp_path, name, content, stream):
    path = tmp_path / name
    path.write_bytes(content)
    return inspect_file(file(name, size=len(content), path=str(path), stream=stream)).problem


@pytest.mark.parametrize("name", ["f.json.gz", "f.json.zst"])
def test_a_compressed_file_that_is_cut_off_has_a_problem(tmp_path, name):
    text = bytes(range(256)) * 100
    packed = gzip.compress(text) if name.endswith("gz") else pa.compress(text, "zstd", asbytes=True)

    assert damaged(tmp_path, name, packed, MARKS) is None
    assert damaged(tmp_path, name, packed[:-20], MARKS)
    assert damaged(tmp_path, name, b"no such thing", MARKS)


def test_a_parquet_file_that_is_cut_off_has_a_problem(tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "good")
    content = (tmp_path / "good").read_bytes()

    assert damaged(tmp_path, "f.parquet", content, SHEETS) is None
    assert damaged(tmp_path, "f.parquet", content[:-1], SHEETS)
    assert damaged(tmp_path, "f.parquet", b"", SHEETS)


def test_a_parquet_file_with_a_damaged_page_has_a_problem(tmp_path):
    pq.write_table(pa.table({"a": range(1000)}), tmp_path / "good", use_dictionary=False)
    content = (tmp_path / "good").read_bytes()

    assert damaged(tmp_path, "f.parquet", content, SHEETS) is None
    assert damaged(tmp_path, "f.parquet", content[:100] + bytes(40) + content[140:], SHEETS)


def test_an_archive_that_is_cut_off_or_changed_has_a_problem(tmp_path):
    with zipfile.ZipFile(tmp_path / "good", "w") as archive:
        archive.writestr("a.json", "{}\n" * 100)
    content = (tmp_path / "good").read_bytes()

    assert damaged(tmp_path, "f.json.zip", content, MARKS) is None
    assert damaged(tmp_path, "f.json.zip", content[:-9], MARKS)
    assert damaged(tmp_path, "f.json.zip", content.replace(b"{}\n{}", b"{}\n[]", 1), MARKS)


def test_an_excel_file_that_is_cut_off_has_a_problem(tmp_path):
    stream = Stream("*.xlsx", "xlsx", "sheets_raw")
    content = write_workbook(tmp_path / "good", one=[["a"], [1]]).read_bytes()

    assert damaged(tmp_path, "f.xlsx", content, stream) is None
    assert damaged(tmp_path, "f.xlsx", content[:-30], stream)


def test_files_that_no_stream_reads_are_listed_as_unmatched_without_ground_truth_and_project(tmp_path):
    put(tmp_path, "marks/a.json", "mark/a.json", "notes.txt", ".hidden", "a.tmp")
    put(tmp_path, "ground_truth.json", "ground_truth/a.json", "shoplake.toml", "rules.py", "kinds/till.py")

    files = list_all_files((Feed("shop", KIND, str(tmp_path)),))

    assert [(each.name, each.is_matched) for each in files] == [
        ("mark/a.json", False),
        ("marks/a.json", True),
        ("notes.txt", False),
    ]
