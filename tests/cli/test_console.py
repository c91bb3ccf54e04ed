import io
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from shoplake.cli.console import (
    PLAIN,
    PipeConsole,
    command_line,
    format_size,
    open_console,
    pluralize,
    print_section,
    sql_command_line,
    text_table,
)


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


def write_program(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.touch(mode=0o755)


def test_an_installed_program_is_called_by_its_name(installed):
    assert command_line("run") == "shoplake run"


def test_an_active_environment_needs_no_path(checkout, monkeypatch):
    monkeypatch.setenv("VIRTUAL_ENV", str(checkout / ".venv"))
    assert command_line("run") == "shoplake run"


def test_uv_is_used_where_it_is_on_the_path(checkout, monkeypatch):
    write_program(checkout / "bin" / "uv")
    monkeypatch.setenv("PATH", str(checkout / "bin"))
    assert command_line("run") == "uv run shoplake run"


def test_the_uv_of_the_checkout_is_called_by_its_path(checkout, monkeypatch):
    write_program(checkout / ".uv" / "bin" / "uv")
    monkeypatch.setenv("UV", str(checkout / ".uv" / "bin" / "uv"))
    monkeypatch.setenv("VIRTUAL_ENV", str(checkout / ".venv"))
    assert command_line("run") == ".uv/bin/uv run shoplake run"


def test_without_uv_the_program_of_the_environment_is_called(checkout):
    assert command_line("run") == ".venv/bin/shoplake run"


def test_outside_the_checkout_the_whole_path_is_used(checkout, monkeypatch, tmp_path_factory):
    write_program(checkout / ".uv" / "bin" / "uv")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert command_line("run") == f"{checkout}/.venv/bin/shoplake run"


def test_below_the_root_a_path_is_whole_as_a_scheduler_prints_it_for_another_folder(checkout, monkeypatch):
    monkeypatch.chdir("/")

    assert command_line("run") == f"{checkout}/.venv/bin/shoplake run"


@pytest.mark.parametrize(("is_terminal", "width"), [(True, 160), (False, 100)])
def test_the_rule_of_a_section_is_capped_off_a_terminal(is_terminal, width):
    console = Console(file=io.StringIO(), width=160, force_terminal=is_terminal, color_system=None)
    print_section(console, "Answers")
    assert len(console.file.getvalue().rstrip("\n")) == width


def test_the_settings_file_is_named_unless_it_is_the_default(installed):
    assert command_line("run", config=Path("shoplake.toml")) == "shoplake run"
    assert sql_command_line("SELECT 1", Path("my shop/a.toml")) == "shoplake sql --config 'my shop/a.toml' \"SELECT 1\""


def test_off_a_terminal_lines_are_long_and_brackets_stay(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    table = text_table("name")
    table.add_row("[bold] :smile: " + "x" * 200)
    open_console().print(table)
    assert "[bold] :smile: " + "x" * 200 in sys.stdout.getvalue().splitlines()


def test_a_noun_is_plural_but_for_one():
    assert [pluralize(number, "file") for number in (0, 1, 1_200)] == ["0 files", "1 file", "1,200 files"]


def test_the_program_that_the_path_finds_is_called_by_its_name(checkout, monkeypatch):
    write_program(checkout / ".venv" / "bin" / "shoplake")
    monkeypatch.setenv("PATH", str(checkout / ".venv" / "bin"))

    assert command_line("run") == "shoplake run"


def test_a_small_size_is_not_nothing():
    assert [format_size(size) for size in (0, 24_310, 37_800_000)] == ["0.0 kB", "24.3 kB", "37.8 MB"]


def printed(width, *rows):
    """Return the lines of a table of a name, a text and two numbers on a terminal of some width."""
    output = text_table("table", "what it says", "quarantined", "rows", numbers=["quarantined", "rows"])
    output.columns[0].no_wrap = True
    for row in rows:
        output.add_row(*row)
    console = PipeConsole(file=io.StringIO(), width=width, **PLAIN)
    console.print(output)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 120])
def test_no_width_hides_a_number_or_a_part_of_a_text(width):
    lines = printed(width, ("gold.recommendation_orders", "abcdefgh" * 8, "1,234,567", "100.0 %"))

    assert "\u2026" not in "".join(lines)
    assert any(line.endswith("1,234,567 100.0 %") for line in lines)
    assert sum(line.count("h") for line in lines) >= 8


def test_texts_are_folded_before_headings_and_headings_before_names():
    row = ("gold.recommendations", "a sentence that is longer than the others", "12", "3")

    texts, headings, names = ("\n".join(printed(width, row)) for width in (66, 58, 48))
    assert "longer than the others" not in texts and "quarantined" in texts
    assert "quarantined" not in headings and "gold.recommendations" in headings
    assert "gold.recommendations" not in names


def test_wide_and_combining_characters_keep_the_columns_in_line():
    lines = printed(80, ("日本語", "e\u0301te\u0301", "7", "1"), ("gold.x", "plain", "8", "2"))

    assert {cell_len(line) for line in lines} == {cell_len(lines[0])}
