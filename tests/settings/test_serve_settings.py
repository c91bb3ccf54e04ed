import pytest

from shoplake.settings.serve_settings import ServeSettings, read_serve_settings
from shoplake.settings.settings_section import InvalidValueError, Section


def read(tmp_path, **values):
    return read_serve_settings(Section(values, "serve"), tmp_path)


def test_an_absent_section_serves_on_loopback_beside_the_settings(tmp_path):
    settings = read(tmp_path)

    assert settings == ServeSettings(folder=str(tmp_path / ".shoplake"))
    assert settings.host == "127.0.0.1"


def test_all_settings_are_read(tmp_path):
    settings = read(tmp_path, port=9000, workers=2, trusted_hosts=["shop.example"], memory_limit="1 GiB")

    assert (settings.port, settings.workers, settings.trusted_hosts) == (9000, 2, ("shop.example",))
    assert settings.memory_limit == 2**30


def test_a_port_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(InvalidValueError, match=r"serve.port = 70000 is no port"):
        read(tmp_path, port=70_000)


def test_an_unknown_setting_names_the_nearest(tmp_path):
    with pytest.raises(InvalidValueError, match=r"unknown setting 'serve.prot'. Did you mean 'port'"):
        read(tmp_path, prot=1)


def test_a_folder_in_the_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    assert read(tmp_path, folder="~/served").folder == str(tmp_path / "home" / "served")
