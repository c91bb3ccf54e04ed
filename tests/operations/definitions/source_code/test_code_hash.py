import functools
import importlib
import sys
import textwrap
from types import ModuleType

import pytest
import ua_parser

from shoplake.operations.definitions.source_code.code_hash import CodeReader, library_versions

SOURCE = '''
import re
RATE = 2
NAMES = ("a", "b")

def helper(value: int) -> int:
    """Say what."""
    return value * RATE

def outer(value):
    return [helper(each) for each in value if each in NAMES]
'''


@pytest.fixture
def digest(tmp_path, monkeypatch):
    """The hash of `outer` in a module of some source."""
    count = iter(range(100))

    def of(source):
        name = f"project_{next(count)}"
        path = tmp_path / f"{name}.py"
        path.write_text(textwrap.dedent(source))
        module = ModuleType(name)
        module.__file__ = str(path)
        monkeypatch.setitem(__import__("sys").modules, name, module)
        exec(compile(path.read_text(), str(path), "exec"), vars(module))
        return CodeReader({name}).read(module.outer).digest

    return of


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Say what."""', '"""Say it otherwise."""'),
        ("value: int) -> int", "value)"),
        ("return value * RATE", "return (\n        value * RATE  # twice\n    )"),
        ("import re\n", ""),
    ],
    ids=["docstring", "annotation", "formatting", "unused import"],
)
def test_what_does_not_change_what_code_does_does_not_count(digest, old, new):
    assert digest(SOURCE) == digest(SOURCE.replace(old, new))


CLASSES = {
    "data class": "import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass Rate:\n    value: int = RATE",
    "named tuple": "from typing import NamedTuple\nclass Rate(NamedTuple):\n    value: int = RATE",
}


@pytest.mark.parametrize("kind", CLASSES)
def test_defaults_of_fields_count_and_functions_that_a_version_of_python_adds_do_not(kind, tmp_path, monkeypatch):
    (tmp_path / "rates.py").write_text(
        f"RATE = 2\n{CLASSES[kind]}\n    def double(self):\n        return TWICE\nTWICE = 9\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "rates", raising=False)
    rates = importlib.import_module("rates")

    parts = CodeReader({"rates"}).read(rates.Rate).parts

    assert parts.keys() == {"rates.Rate", "rates.TWICE", "rates.Rate.default"}


@pytest.mark.parametrize(
    ("old", "new"),
    [("value * RATE", "value + RATE"), ("RATE = 2", "RATE = 3"), ('("a", "b")', '("a", "c")')],
    ids=["helper", "number", "list"],
)
def test_a_change_of_what_is_reached_counts(digest, old, new):
    assert digest(SOURCE) != digest(SOURCE.replace(old, new))


def test_values_that_a_function_is_made_with_count():
    def made(by):
        return lambda value: value * by

    of = [CodeReader({__name__.partition(".")[0]}).read(made(by)).digest for by in (1, 2, 1)]

    assert of[0] == of[2] != of[1]


def test_arguments_of_a_partial_function_count():
    of = [CodeReader(set()).read(functools.partial(max, by)).digest for by in (1, 2)]

    assert of[0] != of[1]


def test_other_libraries_are_named_and_not_read():
    reader = CodeReader({__name__.partition(".")[0]}).read(uses_a_library)

    assert reader.libraries == {"ua_parser"}
    assert [name.rpartition(".")[2] for name in reader.parts] == ["uses_a_library"]


def uses_a_library(text):
    return ua_parser.parse(text)


def test_a_library_has_a_version_and_so_have_those_that_it_needs():
    assert {"ua-parser", "ua-parser-builtins"} <= library_versions(["ua_parser"]).keys()
    assert library_versions(["no_such_library"]) == {}


def test_nothing_has_an_empty_hash():
    assert CodeReader(set()).digest == ""
