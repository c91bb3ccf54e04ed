import json
import re
import shlex
import tomllib

import click
import pytest
from click.testing import CliRunner

from shoplake.declare import Feed
from shoplake.lake import Lake
from shoplake.settings import Settings
from tools.docs.sources import KINDS, OPS_TABLES, load_command

from .pages import PAGES, blocks, command_lines, queries

RENAMED = {"describe": "show", "versions": "history", "verify-source": "check-source"}
"""Commands whose new name is documented; where the command line still has the old one, it is checked instead."""
SHOP = {"shop": {"kind": "zenith", "path": "landing"}}
LIVE = "ops.events_live"
"""Exists only after a streaming job on Spark."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A lake of all tables, without rows: a query is resolved against their columns."""
    folder = tmp_path_factory.mktemp("docs")
    feed = Feed("shop", KINDS["zenith"], str(folder / "landing"), "Europe/London", "GBP")
    lake = Lake(Settings(str(folder / "lake"), (feed,)))
    lake.state.create_if_missing()
    for table in lake.known.values():
        lake.engine.create_if_missing(table)
    return lake


@pytest.mark.parametrize(("page", "line"), [*command_lines()])
def test_a_documented_command_exists_with_its_options(page, line):
    command, rest = subcommand(load_command(), shlex.split(line)[1:])

    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert {word for word in rest if word.startswith("--")} <= known


def subcommand(command, words):
    """The command that the words name, and the words behind its name."""
    while isinstance(command, click.Group) and words:
        found = command.commands.get(words[0]) or command.commands.get(RENAMED.get(words[0]))
        assert found is not None, f"there is no command {words[0]!r}"
        command, words = found, words[1:]
    return command, words


@pytest.mark.parametrize(("page", "query"), [each for each in queries() if LIVE not in each[1]])
def test_a_documented_query_runs(lake, page, query):
    assert lake.sql(query).columns


@pytest.mark.parametrize(("page", "block"), [*blocks("toml")])
def test_documented_settings_load(tmp_path, page, block):
    settings = tomllib.loads(block)
    feeds = settings.pop("feeds", {}) or SHOP
    sections = {name: settings.pop(name) for name, value in list(settings.items()) if isinstance(value, dict)}
    config = tmp_path / "shoplake.toml"
    sections |= {f"feeds.{name}": SHOP["shop"] | each for name, each in feeds.items()}
    config.write_text(lines(settings) + "".join(f"[{name}]\n{lines(each)}" for name, each in sections.items()))

    assert [each.name for each in Lake.open(config).settings.feeds] == list(feeds)


def test_the_settings_of_the_tutorial_are_those_that_init_writes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    [documented] = [tomllib.loads(block) for page, block in blocks("toml") if page == "first-lake.md"]

    words = ["init", "--timezone", "Europe/London", "--currency", "GBP"]
    CliRunner().invoke(load_command(), words, catch_exceptions=False)

    assert tomllib.loads((tmp_path / "shoplake.toml").read_text()) == documented


def lines(values):
    """TOML of texts, numbers, lists, and tables of these as inline tables."""
    return "".join(f"{name} = {toml(value)}\n" for name, value in values.items())


def toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml(each)}" for name, each in value.items()) + "}"
    return json.dumps(value)


def test_every_table_that_a_page_names_exists(catalog):
    tables = {name for each in catalog.values() for name in names(each)} | {f"ops.{each.name}" for each in OPS_TABLES}
    named = {
        (page.name, name)
        for page in PAGES
        for name in re.findall(r"\b(?:bronze|silver|gold|ops)\.[a-z_0-9]+", page.read_text())
    }

    assert {(page, name) for page, name in named if name not in tables} == set()


def names(table):
    """The names of a table and of those written with it."""
    return [table.qualified_name, *(each.qualified_name for each in table.companion_tables)]
