from dataclasses import replace

import pytest

from shoplake.serve.store.pointer import Pointer, TableFiles, read_pointer, write_pointer
from tests.serve.small_lake import STARTED

POINTER = Pointer(3, "run-1", STARTED, {"gold.a": 4}, {"gold.a": TableFiles("a.duckdb", "a-personal.duckdb")})


def test_a_pointer_is_read_as_it_was_written(tmp_path):
    write_pointer(tmp_path, POINTER)

    assert read_pointer(tmp_path) == POINTER
    assert [path.name for path in tmp_path.iterdir()] == ["current"]


@pytest.mark.parametrize("text", ["", "{", '{"format": 0}'])
def test_a_damaged_or_foreign_pointer_is_none(tmp_path, text):
    (tmp_path / "current").write_text(text)

    assert read_pointer(tmp_path) is None


def test_the_id_is_of_versions_and_columns_alone():
    assert replace(POINTER, build=9, run_id="other").id == POINTER.id
    assert replace(POINTER, versions={"gold.a": 5}).id != POINTER.id
    assert replace(POINTER, files={"gold.a": TableFiles("b.duckdb")}).id != POINTER.id


def test_the_file_with_personal_columns_is_for_who_may_see_them():
    files = POINTER.files["gold.a"]

    assert (files.choose(with_personal=False), files.choose(with_personal=True)) == ("a.duckdb", "a-personal.duckdb")
    assert TableFiles("b.duckdb").choose(with_personal=True) == "b.duckdb"
