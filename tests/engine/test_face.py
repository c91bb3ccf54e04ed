import ast
import subprocess
import sys
from pathlib import Path

import pytest

import shoplake
from shoplake import engine

SOURCE = Path(shoplake.__file__).parent
OUTSIDE = [path for path in SOURCE.rglob("*.py") if "engine" not in path.relative_to(SOURCE).parts]


def imported_for_types():
    """The names that a type checker sees, by module."""
    tree = ast.parse(Path(engine.__file__).read_text())
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and "shoplake" in node.module]
    names = {}
    for node in nodes:
        names.setdefault(node.module.removeprefix("shoplake.engine."), set()).update(each.name for each in node.names)
    names.pop("exports", None)
    return names


def test_a_type_checker_and_python_see_the_same_names():
    assert imported_for_types() == {module: set(names) for module, names in engine.MODULES.items()}


@pytest.mark.parametrize("name", dir(engine))
def test_each_name_is_there(name):
    assert getattr(engine, name) is not None


def test_a_name_that_is_not_exported_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'shoplake\.engine' has no attribute 'nothing'"):
        _ = engine.nothing


def test_importing_the_face_loads_no_engine():
    heavy = ("pyspark", "deltalake", "pysail", "pyarrow")
    code = f"import sys, shoplake.engine; print([name for name in {heavy} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.sample
@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_other_packages_import_the_face_alone_types_too(path):
    below = [
        node.module
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shoplake.engine.")
    ]

    assert below == []
