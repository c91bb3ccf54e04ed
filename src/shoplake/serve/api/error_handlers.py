"""Turns errors into problem documents; the middleware does so with those that nobody expects."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shoplake.errors import QueryNotAllowedError, UnknownTableError
from shoplake.serve.api.problem import ProblemError, problem_response
from shoplake.serve.errors import AnswerNotFoundError

ADDED = {404: "No route has this path. See /docs for the routes.", 405: "The route does not take this method."}


def add_error_handlers(app: FastAPI) -> None:
    """Register the handlers."""
    app.exception_handler(ProblemError)(_handler(lambda error: error))
    app.exception_handler(HTTPException)(_handler(_from_http))
    app.exception_handler(RequestValidationError)(_handler(_from_validation))
    app.exception_handler(UnknownTableError)(_handler(lambda error: ProblemError(404, str(error))))
    app.exception_handler(AnswerNotFoundError)(_handler(lambda error: ProblemError(404, str(error))))
    app.exception_handler(OverflowError)(_handler(lambda error: ProblemError(422, "A value is out of range.")))
    app.exception_handler(QueryNotAllowedError)(_handler(lambda error: ProblemError(422, str(error))))


def _handler(translate: Callable[..., ProblemError]) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, error: Exception) -> Response:
        return problem_response(translate(error))

    return handle


def _from_http(error: HTTPException) -> ProblemError:
    return ProblemError(error.status_code, ADDED.get(error.status_code, str(error.detail)), error.headers)


def _from_validation(error: RequestValidationError) -> ProblemError:
    problems = [
        {"parameter": ".".join(str(part) for part in each["loc"][1:]), "detail": each["msg"]} for each in error.errors()
    ]
    detail = "; ".join(f"{each['parameter']}: {each['detail']}" for each in problems)
    return ProblemError(422, detail, errors=problems)
