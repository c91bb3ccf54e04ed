"""Sessions of browsers: a one-time login, a login with a key, and logout."""

from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shoplake.serve.api.access.gate import COOKIE, UNAUTHORIZED
from shoplake.serve.api.access.rules import PUBLIC, GatedRoute, rule
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.api.routes.responses import problems
from shoplake.serve.keys.access import Access
from shoplake.serve.keys.key_store import SESSION_S

router = APIRouter(route_class=GatedRoute, tags=["server"])
MAX_FORM = 4096
SEE_OTHER: dict[int | str, dict[str, Any]] = {303: {"description": "Logged in or out; the answer names the next page"}}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Log in · shoplake</title>
<meta name="viewport" content="width=device-width"></head><body><main><h1>Log in</h1>
<form method="post" action="/login"><p><label>API key <input name="key" type="password" autocomplete="off" required>
</label> <button>Log in</button></p></form>
<p>Create a key with: <code>shoplake keys create --role analyst</code></p></main></body></html>"""


@router.get("/login", summary="Log in", response_class=HTMLResponse, responses={**SEE_OTHER, **problems(400, 401, 429)})
@rule(PUBLIC)
async def login_page(
    request: Request, token: Annotated[str | None, Query(description="The token of a one-time login URL.")] = None
) -> Response:
    """Return a form; with the token of a one-time login URL, open a session and go to the first page."""
    if token is None or request.method == "HEAD":  # who only asks for headers, as a checker of links, uses no token up
        return HTMLResponse(PAGE, headers={"Cache-Control": "no-store"})
    return _open_session(request, request.app.state.gate.identify(request, lambda keys: keys.redeem_login(token)))


@router.post(
    "/login",
    summary="Log in with a key",
    response_class=Response,
    responses={**SEE_OTHER, **problems(400, 401, 403, 413, 429)},
    openapi_extra={
        "requestBody": {
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {"type": "object", "required": ["key"], "properties": {"key": {"type": "string"}}}
                }
            }
        }
    },
)
@rule(PUBLIC)
async def log_in(request: Request) -> Response:
    """Open a session for the key in the form."""
    form = parse_qs((await _small_body(request)).decode("utf-8", "replace"))
    key = form.get("key", [""])[0].strip()
    return _open_session(request, request.app.state.gate.identify(request, lambda keys: keys.authenticate(key)))


@router.post("/logout", summary="Log out", response_class=Response, responses={**SEE_OTHER, **problems(400, 403)})
@rule(PUBLIC)
async def log_out(request: Request) -> Response:
    """End the session of the cookie."""
    if session := request.cookies.get(COOKIE):
        request.app.state.gate.keys.close_session(session)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def _open_session(request: Request, access: Access | None) -> Response:
    if access is None:
        raise ProblemError(401, f"The login is not valid any more. {UNAUTHORIZED}")
    keys = request.app.state.gate.keys
    if former := request.cookies.get(COOKIE):
        keys.close_session(former)
    response = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
    session, is_https = keys.open_session(access), request.url.scheme == "https"
    response.set_cookie(COOKIE, session, SESSION_S, httponly=True, samesite="strict", secure=is_https)
    return response


async def _small_body(request: Request) -> bytes:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM:
            raise ProblemError(413, f"The form is larger than {MAX_FORM} bytes.")
    return body
