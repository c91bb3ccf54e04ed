import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shoplake.simulate.files import atomic_path, write_blocks, write_lines, write_table


def test_a_file_appears_when_it_is_whole(tmp_path):
    with atomic_path(tmp_path / "deep" / "f") as temporary:
        temporary.write_text("x")
        assert not (tmp_path / "deep" / "f").exists()
        assert temporary.name.startswith(".")

    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["f"]


def test_a_file_that_fails_does_not_appear(tmp_path):
    with pytest.raises(ValueError, match="oops"), atomic_path(tmp_path / "f"):
        raise ValueError("oops")

    assert not (tmp_path / "f").exists()


def test_lines_are_written_after_their_header(tmp_path):
    lines = pa.array(["left out\n", "é\n", "b\n"])

    write_lines(tmp_path / "f", lines[1:], "id\n")
    write_lines(tmp_path / "none", lines[:0])

    assert (tmp_path / "f").read_text() == "id\né\nb\n"
    assert (tmp_path / "none").read_bytes() == b""


def test_a_table_is_written_as_parquet(tmp_path):
    write_table(tmp_path / "f", pa.table({"a": [1]}))

    assert pq.read_table(tmp_path / "f").to_pylist() == [{"a": 1}]


def test_blocks_are_written_one_after_the_other(tmp_path):
    write_blocks(tmp_path / "f", (pa.array([f"{number}\n"]) for number in range(3)), "id\n")

    assert (tmp_path / "f").read_text() == "id\n0\n1\n2\n"
