from pathlib import Path

import pytest

from shoplake.engine.session.linked_folders import LinkedFolders
from shoplake.engine.session.spill_folder import remove_abandoned
from shoplake.errors import SettingsError


@pytest.fixture
def links(tmp_path):
    """Links in a folder of the test."""
    return LinkedFolders(tmp_path)


def test_a_folder_that_the_engine_takes_as_it_is_has_no_other_path(links, tmp_path):
    for folder in (str(tmp_path), "/data/a-b_c.d+e,f=g@hi'(j)", "lake"):
        assert links.path(folder) == folder

    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", ["my shop", "café", "~a"])
def test_another_folder_is_reached_by_a_link(links, tmp_path, name):
    (tmp_path / name).mkdir()

    link = links.path(str(tmp_path / name))

    (tmp_path / name / "file").write_text("here")
    assert link.isascii()
    assert not {*" ~"} & {*link}
    assert Path(link, "file").read_text() == "here"


def test_a_folder_has_one_link_and_each_its_own(links, tmp_path):
    one, other = (links.path(str(tmp_path / name)) for name in ("a b", "c d"))

    assert links.path(str(tmp_path / "a b")) == one
    assert one != other


def test_a_name_in_a_folder_with_a_space_is_linked_too(links, tmp_path, monkeypatch):
    (tmp_path / "my shop").mkdir()
    monkeypatch.chdir(tmp_path / "my shop")

    (tmp_path / "my shop/lake").mkdir()
    assert "my" not in links.path("lake").removeprefix(str(tmp_path))


@pytest.mark.parametrize("name", ["100%", "a#b", "[a]", "a?", "a`b", "a\nb"])
def test_a_folder_with_a_character_of_patterns_or_addresses_is_refused(links, name):
    with pytest.raises(SettingsError, match=r"The lake lies in /data/.*\n?.* cannot write into a folder with"):
        links.path(f"/data/{name}/lake")


@pytest.mark.parametrize("parent", ["missing", "no letters é"])
def test_where_no_link_can_be_made_the_error_names_the_variable(tmp_path, parent):
    (tmp_path / "no letters é").mkdir()

    with pytest.raises(SettingsError, match="Let TMPDIR name a folder"):
        LinkedFolders(tmp_path / parent).path("/data/my shop")


def test_the_links_of_a_killed_process_are_removed_and_what_they_lead_to_stays(links, tmp_path):
    (tmp_path / "my shop").mkdir()
    (tmp_path / "my shop/file").touch()
    links.path(str(tmp_path / "my shop"))
    links._own._lock.release()

    assert len(remove_abandoned(tmp_path)) == 1
    assert (tmp_path / "my shop/file").exists()
