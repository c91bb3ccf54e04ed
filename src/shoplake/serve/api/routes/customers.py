"""Look-ups of one row by its key, answered from stored documents."""

from dataclasses import replace
from typing import Annotated
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from shoplake.serve.answers.query.build import describe
from shoplake.serve.answers.query.ranges import find_scope
from shoplake.serve.api.access.rules import PERSONAL, STORE, GatedRoute, rule
from shoplake.serve.api.context import generation_of
from shoplake.serve.api.encode.answers import document_response, meta_values
from shoplake.serve.api.encode.json_rows import to_json
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.api.routes.responses import rows_and_problems
from shoplake.serve.store.generation import Generation

router = APIRouter(route_class=GatedRoute, tags=["look-ups"])
RESPONSES = rows_and_problems(404)
_meta: WeakKeyDictionary[Generation, dict[str, bytes]] = WeakKeyDictionary()
Feed = Annotated[str | None, Query(description="The feed. By default the one with most orders.")]


@router.get(
    "/v1/customers/{customer}/360",
    summary="All measures of one customer",
    response_class=Response,
    responses=RESPONSES,
)
@rule(replace(PERSONAL, is_direct=True))
async def customer_360(
    request: Request, customer: Annotated[str, Path(description="The customer's id.")], feed: Feed = None
) -> Response:
    """Return the row of gold.customer_360."""
    return await _look_up(request, "gold.customer_360", customer, feed)


@router.get(
    "/v1/products/{product}/funnel",
    summary="Views, carts and purchases of one product",
    response_class=Response,
    responses=RESPONSES,
)
@rule(replace(STORE, is_direct=True))
async def product_funnel(
    request: Request, product: Annotated[str, Path(description="The product's id.")], feed: Feed = None
) -> Response:
    """Return the row of gold.product_funnel."""
    return await _look_up(request, "gold.product_funnel", product, feed)


async def _look_up(request: Request, table: str, key: str, feed: str | None) -> Response:
    generation = generation_of(request)
    name = feed if feed is not None else find_scope(generation, None).feed
    document = await generation.document(table, (name, key))
    if document is None:
        raise ProblemError(404, f"{table} has no row '{key[:80]}' of the feed '{name[:80]}'.")
    return document_response(document, _find_meta(generation, table))


def _find_meta(generation: Generation, table: str) -> bytes:
    """Return the `meta` of a table in a generation as JSON, which is the same for each of its rows."""
    known = _meta.get(generation)
    if known is None:
        known = _meta[generation] = {}
    if table not in known:
        known[table] = to_json(meta_values(generation.id, describe(generation, table)))
    return known[table]
