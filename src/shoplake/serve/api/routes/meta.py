"""What there is: tables with their columns and definitions, routes, and the generation."""

from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path
from starlette.requests import Request
from starlette.responses import Response

from shoplake.declare import Metric, Table
from shoplake.declare.metric import find_metrics
from shoplake.errors import UnknownTableError
from shoplake.serve.api.access.rules import ANY_ROLE, STORE, GatedRoute, rule
from shoplake.serve.api.context import generation_of
from shoplake.serve.api.encode.json_rows import to_json
from shoplake.serve.api.routes.responses import rows_and_problems
from shoplake.serve.api.routes.threads import run_in_thread
from shoplake.serve.store.generation import Generation

router = APIRouter(route_class=GatedRoute, tags=["meta"])
JSON = "application/json"
RESPONSES: dict[int | str, dict[str, Any]] = {
    **rows_and_problems(),
    200: {"description": "A JSON object", "content": {JSON: {"schema": {"type": "object"}}}},
}


@router.get("/v1/meta", summary="The generation and its tables", response_class=Response, responses=RESPONSES)
@rule(STORE)
async def meta(request: Request) -> Response:
    """Return the generation, each table with its version and what one row is, and the metrics."""
    generation = generation_of(request)
    tables = [
        {"name": name, "version": generation.versions.get(name), "definition": table.summary}
        for name, table in sorted(generation.tables.items())
    ]
    metrics = [describe_metric(*each) for each in find_metrics(generation.tables.values())]
    body = {"generation": generation.id, "as_of": generation.as_of, "tables": tables, "metrics": metrics}
    return Response(to_json(body), media_type=JSON)


@router.get(
    "/v1/meta/{table}",
    summary="Definition, key and columns of a table",
    response_class=Response,
    responses={**RESPONSES, **{404: rows_and_problems(404)[404]}},
)
@rule(STORE)
async def table_meta(
    request: Request, table: Annotated[str, Path(description="Its full name, as gold.sales_daily.")]
) -> Response:
    """Return a table's definition and its columns with types, units and descriptions."""
    generation = generation_of(request)
    return Response(to_json(_describe(generation, find_served(generation, table))), media_type=JSON)


@router.get("/v1/openapi.json", summary="This description", response_class=Response, responses=RESPONSES)
@rule(ANY_ROLE)
async def openapi(request: Request) -> Response:
    """Return the OpenAPI description of all routes."""
    return Response(to_json(await describe_routes(request)), media_type=JSON)


async def describe_routes(request: Request) -> dict[str, Any]:
    """Return the OpenAPI description. It is made once, in a thread: look-ups would wait for it for half a second."""
    app: FastAPI = request.app
    return app.openapi_schema if app.openapi_schema else await run_in_thread(request, app.openapi)


def find_served(generation: Generation, name: str) -> Table[...]:
    """Return the declaration of a table of the generation. Raises UnknownTableError with the nearest name."""
    found = generation.tables.get(name)
    if found is None:
        raise UnknownTableError(name[:80], list(generation.tables))
    return found


def _describe(generation: Generation, table: Table[...]) -> dict[str, Any]:
    return {
        "name": table.qualified_name,
        "version": generation.versions.get(table.qualified_name),
        "as_of": generation.as_of,
        "definition": table.doc,
        "key": list(table.key),
        "metrics": [describe_metric(each, table) for each in (table.metrics.metrics if table.metrics else ())],
        "columns": [
            {
                "name": each.name,
                "type": each.type,
                "unit": each.unit,
                "definition": each.doc,
                "personal": each.personal,
            }
            for each in table.columns
        ],
    }


def describe_metric(metric: Metric, table: Table[...]) -> dict[str, Any]:
    """Return a metric's definition as the answers compute it over the rows of a table."""
    view = table.metrics
    return {
        "name": metric.name,
        "label": metric.label,
        "definition": metric.meaning,
        "table": table.qualified_name,
        "expression": metric.sql(),
        "where": view.where or None if view else None,
        "time": view.time if view else None,
        "dimensions": list(view.dimensions) if view else [],
        "unit": metric.unit,
        "good": metric.good,
    }
