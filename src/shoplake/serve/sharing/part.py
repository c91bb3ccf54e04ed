"""Delta Sharing as a part of the application, at `/delta-sharing`. A key of the server is the bearer token."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from shoplake.engine import is_remote
from shoplake.serve.api.access.rules import ANY_ROLE, PUBLIC, GatedRoute, rule
from shoplake.serve.api.context import access_of, context_of
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.api.routes.responses import problems
from shoplake.serve.api.routes.threads import run_in_thread
from shoplake.serve.app import Part
from shoplake.serve.export.source import SourceLake
from shoplake.serve.sharing.documents import (
    NDJSON,
    SHARE,
    VERSION_HEADER,
    file_lines,
    header_lines,
    ndjson,
    page,
    table_item,
)
from shoplake.serve.sharing.links import FileLink, InvalidLinkError, LinkSigner
from shoplake.serve.sharing.shared_tables import DataFile, NotShareableError, SharedTable, SharedTables
from shoplake.serve.store.generation import Generation

PREFIX = "/delta-sharing"
TABLE = "/shares/{share}/schemas/{schema}/tables/{table}"
MaxResults = Annotated[int | None, Query(alias="maxResults", ge=1, le=10_000, description="Most items of a page.")]
PageToken = Annotated[
    str | None, Query(alias="pageToken", pattern="^[0-9]{0,9}$", description="Where the page begins.")
]
FAILURES = problems(400, 401, 403, 404, 409, 422, 429, 503)
OCTETS = "application/octet-stream"
LINES: dict[str, Any] = {
    "response_class": Response,
    "responses": {200: {"description": "One JSON object per line", "content": {NDJSON: {}}}},
}
FILE: dict[str, Any] = {
    "response_class": Response,
    "responses": {status: {"description": "A data file", "content": {OCTETS: {}}} for status in (200, 206)},
}


class TableQuery(BaseModel):
    """Hints and version of a query; predicates are hints, which this server does not use."""

    model_config = ConfigDict(extra="ignore")

    limit: int | None = Field(default=None, alias="limitHint", ge=0)
    version: int | None = Field(default=None, ge=0)
    timestamp: str | None = None
    starting_version: int | None = Field(default=None, alias="startingVersion")


NO_QUERY = TableQuery()


class Sharing:
    """The routes of the protocol over the tables of a lake."""

    def __init__(self, lake: SourceLake, links: LinkSigner) -> None:
        self._tables, self._links = SharedTables(lake), links

    def part(self) -> Part:
        """Return the routes."""
        router = APIRouter(route_class=GatedRoute, prefix=PREFIX, tags=["sharing"], responses=FAILURES)
        for path, endpoint, options in (
            ("/shares", self._shares, {}),
            ("/shares/{share}", self._share, {}),
            ("/shares/{share}/schemas", self._schemas, {}),
            ("/shares/{share}/schemas/{schema}/tables", self._schema_tables, {}),
            ("/shares/{share}/all-tables", self._all_tables, {}),
            (f"{TABLE}/version", self._version, {"response_class": Response}),
            (f"{TABLE}/metadata", self._metadata, LINES),
            (f"{TABLE}/query", self._query, {"methods": ["POST"], **LINES}),
            ("/files/{token}", self._file, FILE),
        ):
            router.add_api_route(path, endpoint, **{"methods": ["GET"], "response_model": None, **options})
        return Part(routers=[router])

    @rule(ANY_ROLE)
    async def _shares(self, max_results: MaxResults = None, page_token: PageToken = None) -> dict[str, Any]:
        """List the shares: one, with the tables of the lake."""
        return page([{"name": SHARE}], max_results, page_token)

    @rule(ANY_ROLE)
    async def _share(self, share: str) -> dict[str, Any]:
        """Return the share."""
        _check_share(share)
        return {"share": {"name": SHARE}}

    @rule(ANY_ROLE)
    async def _schemas(
        self, request: Request, share: str, max_results: MaxResults = None, page_token: PageToken = None
    ) -> dict[str, Any]:
        """List the schemas: the layers that have tables."""
        layers = dict.fromkeys(name.partition(".")[0] for name in self._names(request, share))
        return page([{"name": layer, "share": SHARE} for layer in layers], max_results, page_token)

    @rule(ANY_ROLE)
    async def _schema_tables(
        self, request: Request, share: str, schema: str, max_results: MaxResults = None, page_token: PageToken = None
    ) -> dict[str, Any]:
        """List the tables of a schema."""
        names = [name for name in self._names(request, share) if name.startswith(f"{schema}.")]
        return page([table_item(name) for name in names], max_results, page_token)

    @rule(ANY_ROLE)
    async def _all_tables(
        self, request: Request, share: str, max_results: MaxResults = None, page_token: PageToken = None
    ) -> dict[str, Any]:
        """List the tables of all schemas."""
        return page([table_item(name) for name in self._names(request, share)], max_results, page_token)

    @rule(ANY_ROLE)
    async def _version(self, request: Request, share: str, schema: str, table: str) -> Response:
        """Return the version of a table as a header."""
        shared = await self._read(request, share, schema, table)
        return Response(headers={VERSION_HEADER: str(shared.version)})

    @rule(ANY_ROLE)
    async def _metadata(self, request: Request, share: str, schema: str, table: str) -> Response:
        """Return the schema of a table."""
        shared = await self._read(request, share, schema, table)
        return _lines(shared, header_lines(shared))

    @rule(ANY_ROLE)
    async def _query(
        self, request: Request, share: str, schema: str, table: str, body: Annotated[TableQuery, Body()] = NO_QUERY
    ) -> Response:
        """Return the schema of a table and signed links to its files, which are valid for 15 minutes."""
        shared = await self._read(request, share, schema, table)
        _check_version(shared, body)
        if self._tables.has_personal(shared.name):
            request.app.state.gate.record_personal(request, shared.name)
        expires_at = self._links.expiry()

        def url_of(file: DataFile) -> str:
            link = FileLink(shared.name, shared.version, file.path, access_of(request).holder, expires_at)
            return f"{str(request.base_url).rstrip('/')}{PREFIX}/files/{self._links.sign(link)}"

        files = list(file_lines(shared, body.limit, expires_at, url_of))
        return _lines(shared, [*header_lines(shared), *files])

    @rule(PUBLIC)
    async def _file(self, request: Request, token: str) -> Response:
        """Return a data file, or a range of its bytes, to whom its signed link was given; no key is needed."""
        return await run_in_thread(request, self._open_file, token)

    def _open_file(self, token: str) -> Response:
        try:
            link = self._links.read(token)
        except InvalidLinkError as error:
            raise ProblemError(403, str(error)) from error
        shared = self._tables.version(link.table, link.version)
        path = Path(self._tables.folder(link.table)) / link.path
        if link.path not in {file.path for file in shared.files} or not path.is_file():
            raise ProblemError(404, "The file is deleted. Query the table again.")
        return FileResponse(path, media_type=OCTETS, headers={"Cache-Control": "no-store"})

    def _names(self, request: Request, share: str) -> list[str]:
        _check_share(share)
        personal = context_of(request).can_see_personal
        return self._tables.names(_generation(request), with_personal=personal)

    async def _read(self, request: Request, share: str, schema: str, table: str) -> SharedTable:
        _check_share(share)
        personal, name = context_of(request).can_see_personal, f"{schema}.{table}"
        try:
            return await run_in_thread(request, self._tables.read, _generation(request), name, with_personal=personal)
        except NotShareableError as error:
            raise ProblemError(409, str(error)) from error


def sharing_part(lake: SourceLake, secret: bytes) -> Part:
    """Return the routes over a lake; `secret` signs the links to its files. A lake in an object store has no routes."""
    return Part() if is_remote(lake.settings.lake) else Sharing(lake, LinkSigner(secret)).part()


def _generation(request: Request) -> Generation:
    generation: Generation | None = request.app.state.gate.store.current(with_personal=False)
    if generation is None:
        raise ProblemError(503, "The store is being built.", {"Retry-After": "5"})
    return generation


def _check_share(share: str) -> None:
    if share != SHARE:
        raise ProblemError(404, f"Unknown share '{share[:80]}'. There is one: {SHARE}.")


def _check_version(table: SharedTable, query: TableQuery) -> None:
    """Raise ProblemError 400 for another version than that of the last finished run."""
    if query.timestamp or query.starting_version is not None or query.version not in (None, table.version):
        raise ProblemError(400, f"Only version {table.version} of {table.name} is shared, that of the last run.")


def _lines(table: SharedTable, lines: list[dict[str, Any]]) -> Response:
    headers = {VERSION_HEADER: str(table.version), "Cache-Control": "no-store"}
    return Response(ndjson(lines), headers=headers, media_type=NDJSON)
