"""One route for each subject; its parameters are the fields of the subject's query."""

import inspect
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import MISSING, fields, replace
from typing import Annotated, Any, Literal, get_type_hints

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from shoplake.serve.answers.query.answer import Subject
from shoplake.serve.answers.query.parameters import describe_parameters
from shoplake.serve.answers.subjects import SUBJECTS
from shoplake.serve.api.access.rules import PERSONAL, STORE, GatedRoute, rule
from shoplake.serve.api.context import context_of, generation_of
from shoplake.serve.api.encode.answers import answer_response
from shoplake.serve.api.media import FORMATS
from shoplake.serve.api.routes.responses import rows_and_problems
from shoplake.serve.api.routes.threads import run_in_thread

OWNERS = {"customer": "customers", "product": "products"}
"""Fields of a query that name one thing, and the collection of such things."""
PRODUCT_PATHS = {
    "product_days": "/v1/products/{product}/performance",
    "bought_together": "/v1/products/{product}/affinity",
    "product_recommendations": "/v1/products/{product}/recommendations",
}
Format = Annotated[
    Literal["json", "ndjson", "csv", "parquet", "arrow"] | None, Query(description="Format; else by Accept.")
]
Endpoint = Callable[..., Coroutine[Any, Any, Response]]


def subject_router(subjects: Iterable[Subject]) -> APIRouter:
    """Return the routes of subjects: `/v1/<name>`, and `/v1/customers/{customer}/…` for those of one customer."""
    router = APIRouter(route_class=GatedRoute)
    for subject in subjects:
        for path in _paths(subject):
            router.add_api_route(
                path,
                rule(replace(PERSONAL if subject.is_personal else STORE, is_direct=True))(_endpoint(subject, path)),
                methods=["GET"],
                summary=subject.summary,
                description=(inspect.getdoc(subject.answer) or "").split("\n\n")[0],
                operation_id=f"{subject.name}{'_by_id' if '{product}' in path else ''}",
                tags=["answers"],
                response_class=Response,
                responses=rows_and_problems(404, 406, 504, formats=tuple(FORMATS.values())),
            )
    return router


def _paths(subject: Subject) -> list[str]:
    name = subject.name.replace("_", "-")
    if subject.is_personal and "customer" in {each.name for each in fields(subject.query)}:
        rest = name.removeprefix("customer").removeprefix("-")
        return [f"/v1/customers/{{customer}}{'/' if rest else ''}{rest}"]
    extra = [PRODUCT_PATHS[subject.name]] if subject.name in PRODUCT_PATHS else []
    return [f"/v1/{name}", *extra]


def _endpoint(subject: Subject, path: str) -> Endpoint:
    async def endpoint(request: Request, **values: Any) -> Response:
        values.pop("format", None)
        generation, query = generation_of(request), subject.query(**values)
        if subject.is_in_memory is not None and subject.is_in_memory(generation, query):
            answer = subject.ask(generation, query)
        else:
            answer = await run_in_thread(request, subject.ask, generation, query)
        return answer_response(context_of(request), answer)

    endpoint.__name__ = subject.name
    parameters = [inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)]
    parameters += [_parameter(subject.query, name, path) for name in describe_parameters(subject.query)]
    parameters.append(inspect.Parameter("format", inspect.Parameter.KEYWORD_ONLY, annotation=Format, default=None))
    endpoint.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return endpoint


def _parameter(query: type[Any], name: str, path: str) -> inspect.Parameter:
    field = next(each for each in fields(query) if each.name == name)
    type_, description = get_type_hints(query, include_extras=True)[name], describe_parameters(query)[name]
    kind = inspect.Parameter.KEYWORD_ONLY
    if f"{{{name}}}" in path:
        return inspect.Parameter(name, kind, annotation=Annotated[str, Path(description=description)])
    default = inspect.Parameter.empty if field.default is MISSING else field.default
    return inspect.Parameter(name, kind, annotation=Annotated[type_, Query(description=description)], default=default)


router = subject_router(SUBJECTS)
