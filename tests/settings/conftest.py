import pytest

from shoplake.feeds import KINDS
from shoplake.settings import load


@pytest.fixture
def loaded(tmp_path, monkeypatch):
    """The settings that a text says, in a file in a folder of its own."""
    for name in (
        "SHOPLAKE_LAKE",
        "SHOPLAKE_MEMORY_LIMIT",
        "SHOPLAKE_ENGINE",
        "SHOPLAKE_REMOTE",
        "SHOPLAKE_CATALOG",
        "SHOPLAKE_LANDING_ROOT",
    ):
        monkeypatch.delenv(name, raising=False)

    def load_text(text):
        path = tmp_path / "shoplake.toml"
        path.write_text(text)
        return load(path, KINDS)

    return load_text
