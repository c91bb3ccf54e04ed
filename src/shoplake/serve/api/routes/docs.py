"""The page of routes, made from the OpenAPI description; it loads nothing from elsewhere."""

from typing import Any

from fastapi import APIRouter
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from shoplake.serve.api.access.rules import ANY_ROLE, GatedRoute, rule
from shoplake.serve.api.routes.meta import describe_routes
from shoplake.serve.api.routes.responses import problems

router = APIRouter(route_class=GatedRoute, tags=["meta"])
PAGE = Environment(autoescape=True).from_string("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>API · shoplake</title>
<meta name="viewport" content="width=device-width"></head><body><main>
<h1>API</h1><p>{{ description }} As <a href="/v1/openapi.json">OpenAPI</a>.</p>
{% for route in routes %}
<section><h2 id="{{ route.operationId }}"><code>{{ route.method }} {{ route.path }}</code></h2>
<p>{{ route.summary }}. {{ route.description }}</p>
{% if route.parameters %}
<table><thead><tr><th>Parameter</th><th>In</th><th>Meaning</th></tr></thead><tbody>
{% for each in route.parameters %}<tr><td><code>{{ each.name }}</code></td><td>{{ each.in }}</td>
<td>{{ each.description }}</td></tr>
{% endfor %}</tbody></table>{% endif %}</section>
{% endfor %}</main></body></html>""")


@router.get("/docs", summary="This page", response_class=HTMLResponse, responses=problems(400, 401, 429))
@rule(ANY_ROLE)
async def docs(request: Request) -> Response:
    """Return the page."""
    description = await describe_routes(request)
    return HTMLResponse(PAGE.render(description=description["info"]["description"], routes=_routes(description)))


def _routes(description: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"method": method.upper(), "path": path, **operation}
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    ]
