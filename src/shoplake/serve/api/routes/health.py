"""Routes for supervisors: whether the server lives, whether it can answer, and its metrics."""

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from shoplake.serve.api.access.rules import OPERATIONS, PUBLIC, GatedRoute, rule
from shoplake.serve.api.metrics import CONTENT_TYPE
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.api.routes.responses import problems

router = APIRouter(route_class=GatedRoute, tags=["server"])


@router.get("/healthz", summary="Whether the server lives", response_class=PlainTextResponse, responses=problems(400))
@rule(PUBLIC)
async def healthz() -> Response:
    """Return 200 while the server runs."""
    return PlainTextResponse("ok")


@router.get(
    "/readyz", summary="Whether the server can answer", response_class=PlainTextResponse, responses=problems(400, 503)
)
@rule(PUBLIC)
async def readyz(request: Request) -> Response:
    """Return 200 once a generation is open, 503 before."""
    if request.app.state.gate.store.current(with_personal=False) is None:
        raise ProblemError(503, "The store is being built.", {"Retry-After": "5"})
    return PlainTextResponse("ready")


@router.get(
    "/metrics",
    summary="Metrics of the server for Prometheus",
    response_class=PlainTextResponse,
    responses=problems(400, 401, 403, 429),
)
@rule(OPERATIONS)
async def metrics(request: Request) -> Response:
    """Return counts and durations of requests, and the age of the data."""
    generation = request.app.state.gate.store.current(with_personal=False)
    age = None if generation is None else (datetime.now(UTC) - generation.as_of).total_seconds()
    return Response(request.app.state.metrics.render(age), media_type=CONTENT_TYPE)
