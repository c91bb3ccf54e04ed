"""Sharing keeps its contract for requests that its description allows, and refuses the others as it says."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from shoplake.serve.sharing.part import PREFIX, TABLE

FIXED = settings(max_examples=5, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
SHARES = f"{PREFIX}/shares"
OPERATIONS = [
    (SHARES, "GET"),
    *[(f"{SHARES}/{{share}}{rest}", "GET") for rest in ("", "/schemas", "/schemas/{schema}/tables", "/all-tables")],
    *[
        (f"{PREFIX}{TABLE}/{name}", method)
        for name, method in (("version", "GET"), ("metadata", "GET"), ("query", "POST"))
    ],
    (f"{PREFIX}/files/{{token}}", "GET"),
]


@pytest.fixture(scope="module")
def headers(server):
    return {"Authorization": f"Bearer {server.secrets['service']}", "Host": "127.0.0.1"}


@pytest.mark.slow
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_a_route_keeps_its_contract(server, headers, path, method, mode):
    described = schemathesis.openapi.from_asgi("/v1/openapi.json", server.app, headers=headers)
    operation = described[path][method]
    excluded = [positive_data_acceptance] if "{" in path else []  # only one share exists

    @FIXED
    @given(operation.as_strategy(generation_mode=mode))
    def check(case):
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    try:
        check()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE
        assert {each["in"] for each in operation.definition.raw.get("parameters", ())} <= {"path"}


@pytest.mark.parametrize(("path", "method"), OPERATIONS[:-1])
def test_the_answers_about_a_table_are_as_described(server, headers, path, method):
    described = schemathesis.openapi.from_asgi("/v1/openapi.json", server.app, headers=headers)
    values = {"share": "shoplake", "schema": "gold", "table": "sales_daily"}
    case = described[path][method].Case(
        path_parameters={name: values[name] for name in values if f"{{{name}}}" in path}
    )

    assert case.call_and_validate(headers=headers).status_code == 200
