"""Errors of libraries that a process may do without."""

import sys

from deltalake.exceptions import DeltaError

from shoplake.engine.library_errors import library_errors


def test_a_library_that_is_loaded_has_its_base_error():
    assert DeltaError in library_errors()


def test_a_library_that_is_not_loaded_has_none(monkeypatch):
    monkeypatch.delitem(sys.modules, "deltalake.exceptions", raising=False)
    monkeypatch.delitem(sys.modules, "obstore.exceptions", raising=False)

    assert library_errors(OSError) == (OSError,)
