"""Read-only SQL over the tables of the store."""

from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from shoplake.serve.answers.query.answer import Answer, Meta
from shoplake.serve.api.access.gate import NO_STORE
from shoplake.serve.api.access.rules import SQL, GatedRoute, rule
from shoplake.serve.api.context import access_of, context_of
from shoplake.serve.api.encode.answers import answer_response
from shoplake.serve.api.media import FORMATS, choose_format
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.api.routes.responses import rows_and_problems
from shoplake.serve.api.routes.subjects import Format
from shoplake.serve.api.routes.threads import run_in_thread
from shoplake.serve.api.tables.execution import execute
from shoplake.serve.api.tables.sql_guard import MAX_LENGTH, CheckedQuery, check_query
from shoplake.serve.store.generation import Generation

router = APIRouter(route_class=GatedRoute, tags=["tables"])
MAX_ROWS = 100_000
DEFINITION = "The result of a query."


class SqlQuery(BaseModel):
    """A query in DuckDB's SQL, and the most rows of its result."""

    query: str = Field(min_length=1, max_length=MAX_LENGTH, examples=["SELECT sum(net_sales) FROM gold.sales_daily"])
    limit: int = Field(default=1000, ge=1, le=MAX_ROWS)


@router.post(
    "/v1/sql",
    summary="Rows of a SELECT query",
    response_class=Response,
    responses=rows_and_problems(404, 406, 413, 504, formats=tuple(FORMATS.values())),
)
@rule(SQL)
async def sql(request: Request, body: Annotated[SqlQuery, Body()], format: Format = None) -> Response:
    """Return the rows of one SELECT over tables by `layer.name`; it ends after a few seconds."""
    context = context_of(request)
    generation = request.app.state.gate.store.current(with_personal=access_of(request).role.can_see_personal)
    if generation is None:
        raise ProblemError(503, "The store is being built.", {"Retry-After": "5"})
    context.generation, context.format = generation, choose_format(request)
    checked = check_query(body.query, generation.tables)
    for name in sorted(checked.tables):
        if any(column.personal for column in generation.tables[name].columns):
            request.app.state.gate.record_personal(request, name)
    context.headers.setdefault(b"cache-control", NO_STORE)
    return answer_response(context, await run_in_thread(request, _answer, generation, checked, body.limit))


def _answer(generation: Generation, checked: CheckedQuery, limit: int) -> Answer:
    rows = execute(generation, f"SELECT * FROM ({checked.sql}) AS result LIMIT {limit + 1}")
    names: list[Any] = sorted(checked.tables)
    version = generation.versions.get(names[0], 0) if len(names) == 1 else 0
    meta = Meta(", ".join(names), version, generation.as_of, DEFINITION)
    return Answer(rows.slice(0, limit), meta, rows.num_rows > limit)
