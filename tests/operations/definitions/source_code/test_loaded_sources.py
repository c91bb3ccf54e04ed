import importlib
import sys

import pytest

from shoplake.operations.definitions.source_code.import_graph import import_graph
from shoplake.operations.definitions.source_code.loaded_sources import keep_sources, loaded_source
from shoplake.operations.definitions.source_code.source_text import source_text

FIRST = "def top():\n    return 1\n\n\nclass Shape:\n    def area(self):\n        return 1\n"
EDITED = "NEW = 0\n" + FIRST.replace("1", "2 + 2")


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module whose source is kept, and whose file was edited since."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "loaded_shapes.py"
    file.write_text(FIRST)
    loaded = importlib.import_module("loaded_shapes")
    keep_sources("loaded_shapes")
    file.write_text(EDITED)
    yield loaded
    del sys.modules["loaded_shapes"]


def test_the_source_is_that_of_the_code_in_memory_after_an_edit(module):
    keep_sources("loaded_shapes")

    assert loaded_source("loaded_shapes") == FIRST.encode()
    assert all("Constant(value=1)" in source_text(each) for each in (module.top, module.Shape.area))


def test_the_source_of_a_module_that_was_loaded_again_is_the_edited_one(module):
    importlib.invalidate_caches()
    importlib.reload(module)

    assert loaded_source("loaded_shapes") is None
    assert all("BinOp" in source_text(each) for each in (module.top, module.Shape.area))


def test_the_graph_has_the_files_as_they_were_loaded(module):
    loaded = import_graph(["loaded_shapes"]).digests
    keep = sys.modules["loaded_shapes"].__spec__
    sys.modules["loaded_shapes"].__spec__ = None  # as if it had been loaded again

    assert import_graph(["loaded_shapes"]).digests != loaded
    sys.modules["loaded_shapes"].__spec__ = keep
    assert import_graph(["loaded_shapes"]).digests == loaded
