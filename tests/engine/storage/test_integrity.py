import json
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from shoplake.engine.storage import delta_log
from shoplake.engine.storage.integrity import Problem, sha256, table_problems


@pytest.fixture
def at(tmp_path):
    """A table with two commits, a file each."""
    path = tmp_path / "t"
    for first in (0, 100):
        write_deltalake(str(path), pa.table({"n": list(range(first, first + 100))}), mode="append")
    return path


def file_of(at, place=0):
    actions = map(json.loads, commit(at, place).read_text().splitlines())
    return at / next(each["add"]["path"] for each in actions if "add" in each)


def checksums(at):
    return {file: sha256(f"{at}/{file}") for file in delta_log.file_paths(str(at))}


def wrong(at, recorded=None):
    return [(each.problem, each.file) for each in table_problems("gold.t", str(at), recorded or {})]


def commit(at, version):
    return at / "_delta_log" / f"{version:020d}.json"


def test_nothing_is_wrong_with_a_table_as_it_was_written(at):
    assert wrong(at, checksums(at)) == []


def test_the_sum_of_a_file_is_its_sha256(tmp_path):
    (tmp_path / "f").write_bytes(b"abc")

    assert sha256(str(tmp_path / "f")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_version_checksum_with_another_schema_is_named(at):
    metadata = next(
        json.loads(line)["metaData"] for line in commit(at, 0).read_text().splitlines() if "metaData" in line
    )
    checksum = at / "_delta_log" / f"{1:020d}.crc"
    checksum.write_text(json.dumps({"numFiles": 2, "metadata": metadata}))
    sound = wrong(at)
    checksum.write_text(checksum.read_text().replace('\\"n\\"', '\\"m\\"'))

    assert sound == []
    assert wrong(at) == [("a version checksum in its log is damaged", str(checksum))]


def test_one_flipped_bit_is_found_by_the_checksum(at):
    recorded, file = checksums(at), file_of(at)
    content = bytearray(file.read_bytes())
    content[10] ^= 1
    file.write_bytes(content)

    assert wrong(at, recorded) == [("a data file is not what was written: its SHA-256 differs", str(file))]


def test_a_file_that_is_gone_is_named(at):
    file = file_of(at)
    file.unlink()

    assert wrong(at, {}) == [("a data file is missing", str(file))]


def test_a_file_that_was_cut_is_found_by_its_size(at):
    file = file_of(at)
    size = file.stat().st_size
    file.write_bytes(file.read_bytes()[:-1])

    assert wrong(at) == [(f"a data file has {size - 1} bytes, its log says {size}", str(file))]


def test_a_file_whose_foot_is_damaged_is_found_without_a_checksum(at):
    file = file_of(at)
    file.write_bytes(file.read_bytes()[:-4] + b"XXXX")

    ((problem, named),) = wrong(at)

    assert problem.startswith("a data file cannot be read: ")
    assert named == str(file)


def test_a_file_with_other_rows_than_its_log_says_is_found(at):
    log = commit(at, 1)
    log.write_text(log.read_text().replace(r"\"numRecords\":100", r"\"numRecords\":99"))

    assert wrong(at) == [("a data file has 100 rows, its log says 99", str(file_of(at, 1)))]


@pytest.mark.parametrize("left", [b"", b'{"add"', b'"text"\n', b"\xff\xfe"])
def test_a_commit_that_is_cut_off_or_damaged_is_named(at, left):
    commit(at, 1).write_bytes(left)

    assert ("a commit in its log is cut off or damaged", str(commit(at, 1))) in wrong(at)


def test_a_commit_that_is_missing_is_named(at):
    write_deltalake(str(at), pa.table({"n": [1]}), mode="append")
    commit(at, 1).unlink()

    assert ("a commit is missing from its log", str(commit(at, 1))) in wrong(at)


def test_commits_before_a_checkpoint_need_not_be_there(at):
    DeltaTable(str(at)).create_checkpoint()
    commit(at, 0).unlink()

    assert wrong(at) == []


def test_a_table_without_log_has_a_problem(tmp_path):
    assert wrong(tmp_path / "t") == [("it has no log", f"{tmp_path}/t/_delta_log")]


def test_an_empty_log_is_a_problem(tmp_path):
    (tmp_path / "t" / "_delta_log").mkdir(parents=True)

    assert wrong(tmp_path / "t") == [("its log is empty", f"{tmp_path}/t/_delta_log")]


def test_files_in_partitions_with_odd_letters_are_found(tmp_path):
    at = tmp_path / "t"
    write_deltalake(str(at), pa.table({"day": ["ä b/c%"], "n": [1]}), partition_by=["day"])

    assert wrong(at, {file: sha256(f"{at}/{file}") for file in delta_log.file_paths(str(at))}) == []
    assert [Path(file).is_file() for file in (f"{at}/{each}" for each in delta_log.file_paths(str(at)))] == [True]


def test_a_checksum_holds_for_files_in_partitions_with_odd_letters(tmp_path):
    at = tmp_path / "t"
    write_deltalake(str(at), pa.table({"day": ["ä b/c%"], "n": [1]}), partition_by=["day"])

    ((problem, _),) = wrong(at, dict.fromkeys(delta_log.file_paths(str(at)), "another"))

    assert problem == "a data file is not what was written: its SHA-256 differs"


def test_a_problem_is_printed_with_its_table_and_file():
    assert str(Problem("gold.t", "a file is odd", "/x")) == "gold.t: a file is odd (/x)"
    assert str(Problem("gold.t", "it is odd")) == "gold.t: it is odd"
