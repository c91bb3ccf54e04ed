import errno

import pytest

from shoplake.engine.storage.upkeep.clone_files import ClonedFiles, clone_lake


@pytest.fixture
def lake(tmp_path):
    """A lake of one data file, one commit, one file of the state store, a lock and a staging area."""
    files = ["gold/rfm/part.parquet", "gold/rfm/_delta_log/0.checkpoint.parquet", "ops/runs/part.parquet"]
    left_out = ["_staging/gold/part.parquet", "_copies/gold/rfm/part.parquet", "_writer.lock"]
    for name in (*files, *left_out, "_durable.json"):
        path = tmp_path / "lake" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    return tmp_path / "lake"


def test_data_files_are_linked_and_logs_and_the_state_store_are_copied(lake, tmp_path):
    tables = []

    files = clone_lake(lake, tmp_path / "clone", tables.append)

    names = sorted(
        str(path.relative_to(tmp_path / "clone")) for path in (tmp_path / "clone").rglob("*") if path.is_file()
    )
    assert files == ClonedFiles(linked=1, copied=3, copied_size=15) and tables == ["gold.rfm", "ops.runs"]
    assert names == [
        "_durable.json",
        "gold/rfm/_delta_log/0.checkpoint.parquet",
        "gold/rfm/part.parquet",
        "ops/runs/part.parquet",
    ]


def test_where_links_cannot_be_made_files_are_copied(lake, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr("os.link", refuse)

    assert clone_lake(lake, tmp_path / "clone") == ClonedFiles(copied=4, copied_size=20)


def test_a_folder_that_exists_is_left_alone(lake, tmp_path):
    with pytest.raises(FileExistsError):
        clone_lake(lake, tmp_path)
