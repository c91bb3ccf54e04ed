"""The API keeps its contract for requests that its description allows, and refuses the others as it says."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from shoplake.serve.api.routes import ROUTERS

SQL = "/v1/sql"
"""A description cannot say which texts are SQL: valid requests may be refused here."""
DAYS = {"since", "until"}
"""Nor which days are together a range that is neither too long nor compared with days before the year 1."""
FIXED = settings(max_examples=6, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
OPERATIONS = [
    pytest.param(route.path, method, id=f"{method} {route.path}")
    for router in ROUTERS
    for route in router.routes
    for method in sorted(route.methods)
]


@pytest.fixture(scope="module")
def headers(shop_site):
    """A key that may use every route."""
    return {"Authorization": f"Bearer {shop_site.secrets['admin']}", "Host": "127.0.0.1"}


@pytest.fixture(scope="module")
def described(shop_site, headers):
    """The description of all routes, as the server gives it out."""
    import schemathesis  # slow to import

    return schemathesis.openapi.from_asgi("/v1/openapi.json", shop_site.app, headers=headers)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["positive", "negative"])
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_a_route_keeps_its_contract(described, headers, path, method, mode):
    from schemathesis import GenerationMode
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    operation = described[path][method]

    @FIXED
    @given(operation.as_strategy(generation_mode=GenerationMode(mode)))
    def check(case):
        excluded = [positive_data_acceptance] if path == SQL or DAYS & {*case.query} else []
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    try:
        check()
    except Unsatisfiable:
        assert mode == "negative"  # without parameters, or with texts alone, nothing is invalid
        assert {each["in"] for each in operation.definition.raw.get("parameters", ())} <= {"path"}
