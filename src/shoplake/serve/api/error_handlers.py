"""Turns errors into problem documents; the middleware does so with those that nobody expects."""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from shoplake.errors import QueryNotAllowedError, UnknownTableError
from shoplake.serve.api.access.rules import GatedRoute
from shoplake.serve.api.problem import OUT_OF_RANGE, ProblemError, problem_response
from shoplake.serve.errors import AnswerNotFoundError

ErrorPage = Callable[[int, str, Mapping[str, str]], Response]
"""Makes a page for people of a status, a text and headers."""
API, METHOD_NOT_ALLOWED = "/v1/", 405
BODY = "The body has to be one JSON object, in UTF-8: send it with Content-Type: application/json."
CUT_OFF = "The body ended before it was whole."
UNREADABLE_BODY = "There was an error parsing the body"
"""What the framework says of a body that it cannot read."""
ADDED = {404: "No route has this path. See /docs for the routes.", 405: "The route does not take this method."}


def add_error_handlers(app: FastAPI, page: ErrorPage | None = None) -> None:
    """Register the handlers; browsers get a `page` for addresses outside the API."""
    app.exception_handler(ProblemError)(_handler(lambda error: error, page))
    app.exception_handler(HTTPException)(_handler(_from_http, page))
    app.exception_handler(RequestValidationError)(_handler(_from_validation))
    app.exception_handler(ClientDisconnect)(_handler(lambda _: ProblemError(422, CUT_OFF)))
    app.exception_handler(UnknownTableError)(_handler(lambda error: ProblemError(404, str(error))))
    app.exception_handler(AnswerNotFoundError)(_handler(lambda error: ProblemError(error.status, str(error))))
    app.exception_handler(OverflowError)(_handler(lambda error: ProblemError(422, OUT_OF_RANGE), page))
    app.exception_handler(QueryNotAllowedError)(_handler(lambda error: ProblemError(422, str(error))))


def _handler(
    translate: Callable[..., ProblemError], page: ErrorPage | None = None
) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, error: Exception) -> Response:
        problem = translate(error)
        if problem.status == METHOD_NOT_ALLOWED:
            problem.headers["Allow"] = ", ".join(sorted(_taken_methods(request.scope)))
        if page is not None and _is_browser(request):
            return page(problem.status, problem.detail, problem.headers or {})
        return problem_response(problem)

    return handle


def _taken_methods(scope: Scope) -> set[str]:
    """Return the methods that an address takes; several routes may have it."""
    routes = [each for each in scope["app"].routes if isinstance(each, GatedRoute)]
    return set().union(*(each.taken for each in routes if each.matches(scope)[0] is not Match.NONE))


def _is_browser(request: Request) -> bool:
    """Whether a person looks at the answer: the browser asks for a page, and the address is not of the API."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(API)


def _from_http(error: HTTPException) -> ProblemError:
    if error.detail == UNREADABLE_BODY:
        return ProblemError(422, BODY)
    return ProblemError(error.status_code, ADDED.get(error.status_code, str(error.detail)), error.headers)


def _from_validation(error: RequestValidationError) -> ProblemError:
    problems = [_problem(**each) for each in error.errors()]
    detail = "; ".join(f"{each['parameter']}: {each['detail']}" for each in problems)
    return ProblemError(422, detail, errors=problems)


def _problem(loc: tuple[str | int, ...], msg: str, **error: object) -> dict[str, str]:
    """Return a parameter and what is wrong with it; a body that is no JSON object has no parameters."""
    if loc == ("body",) or error["type"] == "json_invalid":
        return {"parameter": "body", "detail": BODY}
    return {"parameter": ".".join(str(part) for part in loc[1:]), "detail": msg}
