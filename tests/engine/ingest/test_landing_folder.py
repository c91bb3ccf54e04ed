import pytest
from pyarrow import fs

from shoplake.engine.ingest.landing_folder import DANGLING, list_below
from shoplake.engine.storage import filesystem


def put(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}\n")


def names_below(folder):
    root, files, _ = list_below(str(folder))
    return sorted(info.path[len(root) + 1 :] for info in files)


def test_files_in_all_folders_below_are_listed(tmp_path):
    put(tmp_path, "a.json", "events/b.json", "events/2026/c.json")

    assert names_below(tmp_path) == ["a.json", "events/2026/c.json", "events/b.json"]


def test_each_file_has_its_size_and_time(tmp_path):
    put(tmp_path, "a.json")

    [info] = list_below(str(tmp_path)).files

    assert (info.type, info.size, info.mtime.timestamp()) == (
        fs.FileType.File,
        3,
        pytest.approx((tmp_path / "a.json").stat().st_mtime, abs=1e-3),
    )


def test_a_link_to_a_folder_elsewhere_is_followed(tmp_path):
    put(tmp_path / "share", "a.json", "old/b.json")
    put(tmp_path / "landing", "c.json")
    (tmp_path / "landing" / "events").symlink_to(tmp_path / "share")

    assert names_below(tmp_path / "landing") == ["c.json", "events/a.json", "events/old/b.json"]


def test_a_link_to_a_folder_above_it_leads_nowhere(tmp_path):
    put(tmp_path, "events/a.json", "orders/b.json")
    (tmp_path / "events" / "link").symlink_to(tmp_path)

    assert names_below(tmp_path) == ["events/a.json", "orders/b.json"]


def test_links_in_a_circle_list_each_folder_once_on_each_way(tmp_path):
    put(tmp_path, "events/a.json", "orders/b.json")
    (tmp_path / "events" / "other").symlink_to(tmp_path / "orders")
    (tmp_path / "orders" / "other").symlink_to(tmp_path / "events")

    assert names_below(tmp_path) == ["events/a.json", "events/other/b.json", "orders/b.json", "orders/other/a.json"]


def test_a_link_to_nothing_is_no_file_and_cannot_be_opened(tmp_path):
    put(tmp_path, "a.json")
    (tmp_path / "gone.json").symlink_to(tmp_path / "nothing")

    assert names_below(tmp_path) == ["a.json"]
    [(info, problem)] = list_below(str(tmp_path)).unreadable
    assert (info.path, info.size, problem) == (str(tmp_path / "gone.json"), 0, DANGLING)


def test_a_folder_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        list_below(str(tmp_path / "nowhere"))


@pytest.mark.parametrize("remote", [False, True])
def test_a_lake_that_lies_in_the_landing_folder_is_no_part_of_it(tmp_path, monkeypatch, remote):
    put(tmp_path, "a.json", "shop/lake/_format.json", "shop/lake/gold/carts/b.parquet", "shop/lakes/c")
    monkeypatch.setattr(filesystem, "is_remote", lambda path: remote)
    monkeypatch.setattr(filesystem, "filesystem_for", lambda path: (fs.LocalFileSystem(), path))

    assert names_below(tmp_path) == ["a.json", "shop/lakes/c"]
    assert names_below(tmp_path / "shop/lake") == ["_format.json", "gold/carts/b.parquet"]
