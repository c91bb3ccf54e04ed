import textwrap
from types import ModuleType

import pytest

from shoplake.operations.definitions.source_code import source_text as module
from shoplake.operations.definitions.source_code.source_text import source_text

SOURCE = '''
import functools

def plain(value: int = 1) -> int:
    """Say what."""
    return value

@functools.cache
def decorated():
    return 1

async def waiting(value: int) -> int:
    return value

class Shape:
    """A shape."""

    SIDES: int = 4

    def area(self) -> str:
        return """
            text
        """

def outer():
    def inner():
        return 2
    return inner

short = lambda value: value + 1
inner = outer()
area = Shape.area
'''
NAMES = ("plain", "waiting", "Shape", "outer", "short", "inner", "area")


@pytest.fixture
def loaded(tmp_path, monkeypatch):
    """A module of that source."""
    path = tmp_path / "shapes.py"
    path.write_text(textwrap.dedent(SOURCE))
    made = ModuleType("shapes")
    made.__file__ = str(path)
    monkeypatch.setitem(__import__("sys").modules, "shapes", made)
    exec(compile(path.read_text(), str(path), "exec"), vars(made))
    return made


@pytest.mark.parametrize("name", [*NAMES, "decorated"])
def test_a_definition_has_the_same_text_from_its_file_as_alone(loaded, name, monkeypatch):
    value = getattr(loaded, name)
    value = getattr(value, "__wrapped__", value)
    from_file = source_text.__wrapped__(value)

    monkeypatch.setattr(module, "_at_top_of_file", lambda _: None)

    assert from_file == source_text.__wrapped__(value)
    assert from_file.startswith("Module(body=[")


def test_docstrings_and_annotations_are_in_no_text(loaded):
    texts = [source_text(value) for value in (loaded.plain, loaded.Shape)]

    assert "Say what" not in texts[0] and "'int'" not in texts[0]
    assert "A shape" not in texts[1] and "'str'" not in texts[1]


def test_a_function_without_a_file_has_the_text_of_its_code():
    made = {}
    exec("def computed(value):\n    return value + 1", made)

    assert source_text(made["computed"]).startswith("computed ")


def test_a_function_whose_file_has_changed_has_the_text_of_its_code(tmp_path):
    path, made = tmp_path / "edited.py", {}
    path.write_text("def outer():\n    def inner():\n        return 1\n    return inner\n")
    exec(compile(path.read_text(), str(path), "exec"), made)
    path.write_text("def outer():\n    def inner():\n        return 'cut off\n")

    assert source_text(made["outer"]()).startswith("inner ")
