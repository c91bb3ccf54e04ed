import pytest
import yaml

from shoplake.operations.yaml_text import to_yaml


@pytest.mark.parametrize(
    "value", [{"a": []}, {"a": {}}, {"a": [{"b": [1, None], "c": True}, ["x: #", '"']]}, {"a": "é\n"}]
)
def test_yaml_is_read_back_as_it_was(value):
    assert yaml.safe_load(to_yaml(value)) == value
