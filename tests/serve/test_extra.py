import pytest

from shoplake.serve import extra
from shoplake.serve.extra import MissingExtraError, check_extra


def test_installed_packages_pass():
    check_extra("shoplake serve")


def test_a_missing_package_says_what_to_type(monkeypatch):
    monkeypatch.setattr(extra, "find_spec", lambda name: None)

    with pytest.raises(
        MissingExtraError, match=r"needs the package duckdb. Install it: pip install 'shoplake\[serve\]'"
    ):
        check_extra("shoplake serve")
