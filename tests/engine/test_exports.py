import importlib

import pytest

from shoplake.engine.exports import MODULES


@pytest.mark.parametrize("module", MODULES)
def test_each_exported_name_is_in_its_module(module):
    loaded = importlib.import_module(f"shoplake.engine.{module}")

    assert [name for name in MODULES[module] if not hasattr(loaded, name)] == []


def test_no_name_is_exported_twice():
    names = [name for names in MODULES.values() for name in names]

    assert len(names) == len(set(names))
