import pytest

from shoplake.declare import Feed
from shoplake.feeds import KINDS
from shoplake.settings import Settings
from shoplake.settings.locations import absolute, is_http_address, resolve
from shoplake.settings.settings_section import InvalidValueError


def test_relative_folders_of_settings_are_those_from_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Settings("lake", (Feed("shop", KINDS["zenith"], "landing", "Europe/London", "GBP"),))

    assert (settings.lake, settings.feeds[0].path) == (str(tmp_path / "lake"), str(tmp_path / "landing"))


def test_an_address_is_no_folder():
    assert absolute("s3://bucket/lake") == "s3://bucket/lake"


def test_a_path_in_a_file_is_relative_to_the_files_folder(tmp_path):
    assert resolve(tmp_path, "lake") == str(tmp_path / "lake")


def test_an_address_of_an_unknown_store_is_refused(tmp_path):
    with pytest.raises(InvalidValueError, match="is in no supported store"):
        resolve(tmp_path, "ftp://host/lake")


@pytest.mark.parametrize("path", ["~nobody-of-this-name/lake", "la\0ke"])
def test_a_path_that_cannot_exist_is_refused(tmp_path, path):
    with pytest.raises(InvalidValueError, match="is no path: "):
        resolve(tmp_path, path)


@pytest.mark.parametrize(
    ("text", "is_address"),
    [("https://host/x", True), ("http://ann@host:8/x", True), ("ftp://host/x", False)]
    + [(text, False) for text in ("http://", "http://host:port/", "http://ho st/", "https://[host/")],
)
def test_an_address_of_http_names_a_host(text, is_address):
    assert is_http_address(text) is is_address
