import gzip
import os

import pytest
from sample_tables import drop

from shoplake.declare import Feed, FeedKind
from shoplake.engine.ingest import file_discovery
from shoplake.engine.ingest.file_discovery import list_files
from shoplake.errors import LandingError


def test_a_damaged_file_is_reported_once_and_ingested_when_it_is_whole(landing, take):
    whole = gzip.compress(b"{}\n" * 1000)
    path = drop(landing / "marks/a.json.gz")
    path.write_bytes(whole[:-9])

    found, ingestion = take()
    assert (found, len(ingestion.unreadable), take()[1].unreadable) == ([], 1, [])
    assert ingestion.unreadable[0].startswith("shop: marks/a.json.gz (")
    path.write_bytes(whole)

    assert take()[0] == [("b000000001", ["marks/a.json.gz"])]


def test_a_file_that_cannot_be_opened_is_reported_once_and_ingested_when_it_can_be(landing, take):
    path = landing / "marks/a.json"
    path.parent.mkdir()
    path.symlink_to("/proc/self/mem")
    stat = path.stat()

    found, ingestion = take()
    assert (found, len(ingestion.unreadable), take()[1].unreadable) == ([], 1, [])
    path.unlink()
    path.touch()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    assert take()[0] == [("b000000001", ["marks/a.json"])]


def test_a_file_whose_name_is_not_utf8_is_reported_and_the_others_are_ingested(landing, take):
    drop(landing / "marks/a.json")
    misnamed = landing / os.fsdecode(b"marks/b\xfc.json")
    misnamed.write_text("{}\n")

    found, ingestion = take()

    assert found == [("b000000001", ["marks/a.json"])]
    assert ingestion.unreadable == [r"shop: marks/b\xfc.json (its name is not UTF-8; rename it)"]
    misnamed.rename(landing / "marks/bü.json")
    assert take()[0] == [("b000000002", ["marks/bü.json"])]


def test_a_link_to_nothing_is_reported_once_and_read_when_its_file_is_there(landing, take, tmp_path):
    drop(landing / "marks/a.json")
    (landing / "marks/b.json").symlink_to(tmp_path / "share.json")

    found, ingestion = take()

    assert found == [("b000000001", ["marks/a.json"])]
    assert ingestion.unreadable == [
        "shop: marks/b.json (it is a link to nothing; put back what it links to, or remove it)"
    ]
    assert take()[1].unreadable == []
    drop(tmp_path / "share.json")
    assert take()[0] == [("b000000002", ["marks/b.json"])]


def test_a_folder_whose_name_is_not_utf8_is_reported(landing, take):
    folder = landing / os.fsdecode(b"marks/2026-M\xe4rz")
    folder.mkdir(parents=True)
    drop(folder / "a.json")

    found, ingestion = take()

    assert (found, ingestion.unmatched) == ([], [r"shop: marks/2026-M\xe4rz"])


def test_a_folder_that_may_not_be_read_says_so_and_not_that_the_path_is_wrong(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, f"Cannot list directory '{path}/locked'")

    monkeypatch.setattr(file_discovery, "list_below", refuse)

    with pytest.raises(LandingError, match=r"cannot be listed: .*locked'\). Allow this user to read it") as raised:
        [*list_files((Feed("shop", FeedKind("kind", "A kind", (), {}), str(tmp_path)),))]
    assert "feeds.shop.path" not in str(raised.value)
