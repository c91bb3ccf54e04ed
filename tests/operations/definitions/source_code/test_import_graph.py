import sys
from types import ModuleType

import pytest

from shoplake.operations.definitions.source_code.import_graph import ImportGraph, import_graph

FILES = {
    "__init__": "",
    "plain": "VALUE = 1",
    "one": "from shop.plain import VALUE",
    "inside": "def late():\n    from shop import (\n        plain,  # named\n        other,\n    )\n",
    "other": "import shopping",
    "typed": "if TYPE_CHECKING:\n    from shop.plain import VALUE\n\nX = 1\n",
    "whole": "import json, shop.plain",
    "computed": 'import_module("sh" + "op.plain")',
    "relative": "from .plain import VALUE",
    "of_package": "from shop import deep",
    "of_attribute": "from shop.deep import NAME",
    "deep.__init__": "from shop.deep.end import NAME",
    "deep.end": "NAME = 1",
    "deep.far": "import numpy, json",
}
EVERY = {f"shop.{name}".removesuffix(".__init__") for name in FILES}


@pytest.fixture
def graph(tmp_path, monkeypatch):
    """The graph of a package of those files."""
    for name, text in FILES.items():
        file = tmp_path / f"{name.replace('.', '/')}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    package = ModuleType("shop")
    package.__path__ = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, "shop", package)
    return ImportGraph({"shop"})


@pytest.mark.parametrize(
    ("module", "reached"),
    [
        ("plain", {"plain"}),
        ("one", {"one", "plain"}),
        ("inside", {"inside", "plain", "other"}),
        ("typed", {"typed"}),
        ("of_package", {"of_package", "deep", "deep.end", "deep.far"}),
        ("of_attribute", {"of_attribute", "deep", "deep.end"}),
    ],
)
def test_a_module_reaches_what_it_imports_and_the_packages_around_it(graph, module, reached):
    assert {*graph.reached_from([f"shop.{module}"])} == {"shop", *(f"shop.{name}" for name in reached)}


@pytest.mark.parametrize("module", ["whole", "computed", "relative"])
def test_a_module_whose_imports_name_no_module_reaches_all(graph, module):
    assert {*graph.reached_from([f"shop.{module}"])} == EVERY


def test_files_are_read_again_only_after_one_of_them_changed(graph, tmp_path):
    first = import_graph(["shop"])
    assert import_graph(["shop"]) is first

    (tmp_path / "plain.py").write_text("VALUE = 200")

    second = import_graph(["shop"])
    assert {name for name, each in second.digests.items() if each != first.digests[name]} == {"shop.plain"}


def test_a_file_that_changes_changes_the_hashes_of_those_who_reach_it(graph, tmp_path):
    (tmp_path / "plain.py").write_text("VALUE = 2")
    after = ImportGraph({"shop"})

    changed = [name for name in EVERY if graph.reached_from([name]) != after.reached_from([name])]

    assert sorted(changed) == ["shop.computed", "shop.inside", "shop.one", "shop.plain", "shop.relative", "shop.whole"]


def test_libraries_are_what_modules_import_from_elsewhere(graph):
    assert graph.libraries(["shop.deep.far", "shop.other", "shop.one"]) == {"numpy", "shopping"}


def test_a_package_that_is_not_loaded_is_incomplete(graph):
    assert graph.is_complete
    assert not ImportGraph({"no_such_package"}).is_complete


def test_files_of_shoplake_that_change_while_it_runs_are_not_looked_at_again(monkeypatch):
    first = import_graph(["shoplake"])
    monkeypatch.setattr("shoplake.operations.definitions.source_code.import_graph.modules_of", lambda _: iter(()))

    assert import_graph(["shoplake"]) is first
