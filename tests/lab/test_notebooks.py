import contextlib
import io
import re
from importlib.metadata import PackageNotFoundError

import click
import pytest

from shoplake.cli.lab.cells import read_cells
from shoplake.cli.lab.export import EXTRAS
from shoplake.cli.lab.lesson import find_lab, list_lessons
from shoplake.cli.lab.play import play
from shoplake.lake import EVENTS_LIVE
from tools.docs.sources import OPS_TABLES, load_catalog, load_command

LAB = find_lab()
COMMAND = re.compile(r"`(shoplake [^`]+)`")
TABLE = re.compile(r"\b(?:bronze|silver|gold|ops)\.[a-z_0-9]+")


@pytest.mark.parametrize("name", EXTRAS)
def test_a_notebook_beside_the_lessons_runs(work, name):
    with contextlib.redirect_stdout(io.StringIO()):
        play(read_cells(LAB / name), LAB / name)


def test_the_setup_says_which_packages_are_missing(capsys, monkeypatch):
    def missing(package):
        raise PackageNotFoundError(package)

    monkeypatch.setattr("importlib.metadata.version", missing)
    [cell] = [each for each in read_cells(LAB / "environment_setup.ipynb") if "version(package)" in each.source]

    exec(cell.source, {})

    assert "pysail is not installed; here type: uv sync." in capsys.readouterr().out


def prose():
    """The Markdown of each lesson and notebook, with its name."""
    files = [*(lesson.file for lesson in list_lessons(LAB)), *(LAB / name for name in EXTRAS)]
    for file in files:
        yield file.name, "\n\n".join(cell.source for cell in read_cells(file) if cell.is_markdown)


@pytest.mark.parametrize(("file", "text"), [*prose()], ids=lambda value: value if value.endswith("b") else None)
def test_a_command_that_a_lesson_names_exists(file, text):
    for line in COMMAND.findall(text):
        command, rest = load_command(), line.split()[1:]
        while isinstance(command, click.Group) and rest and rest[0] in command.commands:
            command, rest = command.commands[rest[0]], rest[1:]
        assert not isinstance(command, click.Group) or command.invoke_without_command, line
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert {word for word in rest if word.startswith("--")} <= known


def test_every_table_that_a_lesson_names_exists(known_tables):
    named = {(file, name) for file, text in prose() for name in TABLE.findall(text)}

    assert {(file, name) for file, name in named if name not in known_tables} == set()


@pytest.fixture(scope="session")
def known_tables():
    """The names of all tables of a lake, with those written beside them and that of live events."""
    declared = load_catalog().values()
    companions = [each for table in declared for each in table.companion_tables]
    operations = {f"ops.{table.name}" for table in OPS_TABLES}
    return {table.qualified_name for table in (*declared, *companions, EVENTS_LIVE)} | operations
