import orjson

from shoplake.serve.api.problem import MEDIA_TYPE, ProblemError, problem_response


def test_a_problem_says_what_to_do():
    response = problem_response(ProblemError(410, "Start again.", {"Link": "<x>"}, restart="/x"))
    body = orjson.loads(response.body)

    assert (response.status_code, response.media_type, response.headers["link"]) == (410, MEDIA_TYPE, "<x>")
    assert (body["title"], body["status"], body["detail"], body["restart"]) == ("Gone", 410, "Start again.", "/x")
    assert body["type"].endswith("api-errors.md#gone")


def test_a_problem_is_kept_in_no_cache():
    assert problem_response(ProblemError(404, "")).headers["cache-control"] == "no-store"
