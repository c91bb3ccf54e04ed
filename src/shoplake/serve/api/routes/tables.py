"""Rows of any table of gold: columns, filters, order and pages, in five formats."""

from itertools import chain
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shoplake.errors import UnknownTableError
from shoplake.serve.answers.query.answer import Answer
from shoplake.serve.answers.query.build import describe
from shoplake.serve.api.access.rules import STORE, GatedRoute, rule
from shoplake.serve.api.context import context_of, generation_of
from shoplake.serve.api.encode.answers import answer_headers, answer_response
from shoplake.serve.api.encode.streams import compress_stream, stream_rows
from shoplake.serve.api.media import COMPRESSED, FORMATS, choose_encoding
from shoplake.serve.api.routes.meta import find_served
from shoplake.serve.api.routes.responses import rows_and_problems
from shoplake.serve.api.routes.subjects import Format
from shoplake.serve.api.routes.threads import run_in_thread
from shoplake.serve.api.tables.execution import execute, query_problems
from shoplake.serve.api.tables.filters import Selection, select_rows
from shoplake.serve.store.generation import Generation

router = APIRouter(route_class=GatedRoute, tags=["tables"])
DEFAULT_ROWS, MAX_ROWS = 1000, 10_000
"""Rows of a page of JSON. Other formats have all rows unless `limit` says otherwise."""


@router.get(
    "/v1/tables/{table}",
    summary="Rows of a table of gold",
    response_class=Response,
    responses=rows_and_problems(404, 406, 410, 504, formats=tuple(FORMATS.values())),
)
@rule(STORE)
async def table_rows(
    request: Request,
    table: Annotated[str, Path(description="Its full name, as gold.sales_daily.")],
    select: Annotated[str | None, Query(description="Columns, separated by commas. By default all.")] = None,
    filter: Annotated[
        list[str] | None, Query(description="column:operator:value, as sales_date:gte:2026-03-01.")
    ] = None,
    order: Annotated[str | None, Query(description="Columns, separated by commas; column:desc is descending.")] = None,
    limit: Annotated[int | None, Query(ge=1, description="Most rows; of a page of JSON at most 10,000.")] = None,
    cursor: Annotated[str | None, Query(max_length=400, description="The cursor of the next page.")] = None,
    format: Format = None,
) -> Response:
    """Return rows of a table, sorted by its key unless `order` says otherwise."""
    context, generation = context_of(request), generation_of(request)
    declared = find_served(generation, table)
    if declared.layer != "gold":
        raise UnknownTableError(table[:80], [name for name in generation.tables if name.startswith("gold.")])
    if any(column.personal for column in declared.columns):
        request.app.state.gate.record_personal(request, table)
    selection = select_rows(declared, select, filter or (), order)
    fingerprint = f"{table}|{selection.sql}|{selection.values}"
    restart = _address(request, None)
    signer = request.app.state.cursors
    offset = signer.read(cursor, generation.id, fingerprint, restart) if cursor else 0
    if context.format != "json":
        return await run_in_thread(request, _stream, request, generation, table, selection, limit, offset)
    size = min(limit or DEFAULT_ROWS, MAX_ROWS)
    answer = await run_in_thread(request, _page, generation, table, selection, size, offset)
    position = signer.sign(generation.id, fingerprint, offset + size) if answer.is_truncated else None
    return answer_response(context, answer, _address(request, position) if position else None)


def _page(generation: Generation, table: str, selection: Selection, size: int, offset: int) -> Answer:
    rows = execute(generation, f"{selection.sql} LIMIT {size + 1} OFFSET {offset}", selection.values)
    return Answer(rows.slice(0, size), describe(generation, table, rows), rows.num_rows > size)


def _stream(
    request: Request, generation: Generation, table: str, selection: Selection, limit: int | None, offset: int
) -> Response:
    context = context_of(request)
    cut = f" LIMIT {limit}" if limit is not None else ""
    sql = f"{selection.sql}{cut} OFFSET {offset}"
    with query_problems():
        reader = generation.stream(sql, selection.values)
        pieces = stream_rows(reader, context.format)
        first = next(pieces, b"")
    headers = dict(answer_headers(context, describe(generation, table), is_truncated=False))
    encoding = "" if context.format in COMPRESSED else choose_encoding(request.headers.get("accept-encoding", ""))
    if encoding:
        headers["Content-Encoding"] = encoding
    return StreamingResponse(
        compress_stream(chain((first,), pieces), encoding), headers=headers, media_type=FORMATS[context.format]
    )


def _address(request: Request, cursor: str | None) -> str:
    """Return the address of the same request with another cursor, or without one."""
    parameters = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    query = urlencode([*parameters, *([("cursor", cursor)] if cursor else [])])
    return f"{request.url.path}?{query}" if query else request.url.path
