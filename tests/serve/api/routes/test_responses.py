from shoplake.serve.api.routes.responses import problems, rows_and_problems


def test_problems_are_documented_as_problem_documents():
    assert set(problems(401, 429)) == {401, 429}
    assert list(problems(401)[401]["content"]) == ["application/problem+json"]


def test_rows_are_documented_in_their_formats():
    found = rows_and_problems(404, formats=("application/json", "text/csv"))

    assert list(found[200]["content"]) == ["application/json", "text/csv"]
    assert {304, 401, 403, 404, 422, 429} <= set(found)


def test_each_route_that_asks_for_a_key_documents_what_a_refused_one_gets(site):
    paths = site.get("/v1/openapi.json", "admin").json()["paths"]
    documented = {path: set(each.get("get", each.get("post"))["responses"]) for path, each in paths.items()}
    public = {"/healthz", "/readyz", "/logout"}

    assert {path for path, statuses in documented.items() if not {"401", "429"} <= statuses} == public
