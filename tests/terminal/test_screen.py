import io
import sys
from pathlib import Path

import pytest

from shoplake.terminal.screen import ask, command, console, grid


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setattr(sys, "prefix", "/opt/shoplake")


def test_a_command_is_typed_as_it_was_installed(installed, monkeypatch):
    assert command("run") == "shoplake run"
    monkeypatch.setenv("UV", "/bin/uv")
    assert command("run") == "uv run shoplake run"


def test_an_environment_that_is_not_active_needs_uv(installed, monkeypatch):
    monkeypatch.setattr(sys, "prefix", "/work/.venv")
    assert command("run") == "uv run shoplake run"
    monkeypatch.setenv("VIRTUAL_ENV", "/work/.venv")
    assert command("run") == "shoplake run"


def test_settings_are_named_unless_they_are_the_usual_ones(installed):
    assert command("run", config=Path("shoplake.toml")) == "shoplake run"
    assert ask("SELECT 1", Path("my shop/a.toml")) == "shoplake sql --config 'my shop/a.toml' \"SELECT 1\""


def test_what_is_not_a_terminal_gets_long_lines_and_brackets_as_they_are(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    shown = grid("name")
    shown.add_row("[bold] :smile: " + "x" * 200)
    console().print(shown)
    assert "[bold] :smile: " + "x" * 200 in sys.stdout.getvalue().splitlines()
