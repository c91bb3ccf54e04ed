import io

import pytest
from rich.console import Console

from shoplake.cli.views.quality.contract import ContractView, read_contract
from shoplake.errors import ShoplakeError


def rendered(view):
    console = Console(file=io.StringIO(), width=100)
    view.render(console)
    return console.file.getvalue()


def test_each_change_is_a_line():
    assert rendered(ContractView("gold.t", ["column a is gone"])) == "gold.t: column a is gone\n"
    assert rendered(ContractView("gold.t", [])) == "gold.t keeps its contract.\n"
    assert ContractView("gold.t", []).to_json() == {"table": "gold.t", "changes": []}


def test_a_contract_is_read_as_json_or_yaml(tmp_path):
    file = tmp_path / "contract"
    for text in ('{"name": "gold.t", "schema": []}', 'name: "gold.t"\nschema: []\n'):
        file.write_text(text)
        assert read_contract(file) == {"name": "gold.t", "schema": []}


@pytest.mark.parametrize("text", ["[]", "a: [", "name: x"])
def test_another_file_is_an_error_that_says_how_to_make_one(tmp_path, text):
    file = tmp_path / "contract"
    file.write_text(text)
    with pytest.raises(ShoplakeError, match="contract export TABLE"):
        read_contract(file)
