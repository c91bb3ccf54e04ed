import pytest

from shoplake.serve.errors import ExportError
from shoplake.serve.export.extra import import_extra


def test_an_installed_module_is_imported():
    assert import_extra("json", "An export").__name__ == "json"


def test_a_missing_module_says_what_to_install():
    with pytest.raises(ExportError, match=r"An export to Excel needs an extra.*pip install 'shoplake\[export\]'"):
        import_extra("no_such_module", "An export to Excel")
