"""The bundle against the JSON schema of bundles, which lies beside the checkout where it is at all."""

import json
import os
from pathlib import Path

import pytest
import regex
from jsonschema import Draft202012Validator, ValidationError, validators

PLACES = [Path(__file__).parents[4] / "shared/data", Path(os.environ.get("SHOPLAKE_SHARED_DATA", "shared"))]
FILE = "databricks/bundle_schema.json"

pytestmark = pytest.mark.real_data


def ecma_pattern(_validator, pattern, value, _schema):
    """Patterns of the schema are ECMA's, with classes such as \\p{L}."""
    if isinstance(value, str) and not regex.search(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


@pytest.fixture(scope="module")
def validator():
    found = [place / FILE for place in PLACES if (place / FILE).is_file()]
    if not found:
        pytest.skip(f"no {FILE} beside the checkout")
    return validators.extend(Draft202012Validator, {"pattern": ecma_pattern})(json.loads(found[0].read_text()))


def test_every_file_follows_the_schema(validator, documents):
    bundle = {path: each for path, each in documents.items() if path.endswith(".yml")}

    assert len(bundle) > 8
    assert {path: [error.message for error in validator.iter_errors(each)] for path, each in bundle.items()} == {
        path: [] for path in bundle
    }


@pytest.mark.parametrize(
    ("name", "value"), [("max_concurent_runs", 1), ("performance_target", "SLOW"), ("tasks", [{"description": "x"}])]
)
def test_a_field_that_does_not_exist_a_wrong_word_and_a_missing_field_are_found(validator, jobs, name, value):
    document = {"resources": {"jobs": {"daily": jobs["daily"] | {name: value}}}}

    assert not validator.is_valid(document)
