import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from shoplake.cli.console import ask, command, console, counted, grid, section


@pytest.fixture
def installed(monkeypatch):
    for name in ("UV", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "prefix", "/opt/shoplake")


@pytest.fixture
def checkout(installed, monkeypatch, tmp_path):
    """The current folder, with an environment that is not active; no uv anywhere."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def program(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.touch(mode=0o755)


def test_a_command_is_typed_as_it_was_installed(installed):
    assert command("run") == "shoplake run"


def test_an_active_environment_needs_no_path(checkout, monkeypatch):
    monkeypatch.setenv("VIRTUAL_ENV", str(checkout / ".venv"))
    assert command("run") == "shoplake run"


def test_uv_is_typed_where_it_is_found(checkout, monkeypatch):
    program(checkout / "bin" / "uv")
    monkeypatch.setenv("PATH", str(checkout / "bin"))
    assert command("run") == "uv run shoplake run"


def test_a_uv_of_the_checkout_is_typed_with_its_path(checkout, monkeypatch):
    program(checkout / ".uv" / "bin" / "uv")
    monkeypatch.setenv("UV", str(checkout / ".uv" / "bin" / "uv"))
    monkeypatch.setenv("VIRTUAL_ENV", str(checkout / ".venv"))
    assert command("run") == ".uv/bin/uv run shoplake run"


def test_without_any_uv_the_environment_s_own_program_is_typed(checkout):
    assert command("run") == ".venv/bin/shoplake run"


def test_outside_the_checkout_the_whole_path_is_typed(checkout, monkeypatch, tmp_path_factory):
    program(checkout / ".uv" / "bin" / "uv")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert command("run") == f"{checkout}/.venv/bin/shoplake run"


@pytest.mark.parametrize(("is_terminal", "width"), [(True, 160), (False, 100)])
def test_a_section_s_line_is_capped_where_nobody_looks_at_a_terminal(is_terminal, width):
    out = Console(file=io.StringIO(), width=160, force_terminal=is_terminal, color_system=None)
    section(out, "Answers")
    assert len(out.file.getvalue().rstrip("\n")) == width


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


def test_one_thing_is_no_things():
    assert [counted(number, "file") for number in (0, 1, 1_200)] == ["0 files", "1 file", "1,200 files"]
