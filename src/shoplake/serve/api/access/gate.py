"""The gate that every request passes: key or session, role, rate limit, ETag, cache; then the endpoint."""

import hashlib
import time
from collections.abc import Awaitable, Callable

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response, StreamingResponse

from shoplake.serve.api.access.limits import TokenBuckets
from shoplake.serve.api.access.rules import Rule
from shoplake.serve.api.answer_cache import AnswerCache, CachedAnswer
from shoplake.serve.api.compression import compress
from shoplake.serve.api.context import RequestContext, context_of
from shoplake.serve.api.media import choose_encoding, choose_format
from shoplake.serve.api.origin import check_origin
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.keys.audit import AuditLog
from shoplake.serve.keys.key_store import Access, KeyStore
from shoplake.serve.store.generation import Store
from shoplake.settings.serve_settings import ServeSettings

COOKIE = "shoplake_session"
FAILURES_PER_S, FAILURE_BURST = 1.0, 20
BURST_S = 2
UNAUTHORIZED = "Send a valid key: Authorization: Bearer sl_live_…. Create one with: shoplake keys create"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
VARY = "Authorization, Cookie, Accept, Accept-Encoding"
Handler = Callable[[Request], Awaitable[Response]]


class Gate:
    """Lets a request through to its endpoint, answers it from the cache, or raises ProblemError."""

    def __init__(self, store: Store, keys: KeyStore, settings: ServeSettings) -> None:
        self.store, self.keys, self.audit = store, keys, AuditLog(keys.database)
        rate = settings.requests_per_second / settings.workers
        self._limits = TokenBuckets(rate, max(1.0, rate * BURST_S))
        self._failures = TokenBuckets(FAILURES_PER_S, FAILURE_BURST)
        self._cache, self._cached_generation = AnswerCache(), ""
        self._policy = f'"key";q={settings.requests_per_second * BURST_S};w={BURST_S}'

    async def answer(self, request: Request, rule: Rule, handle: Handler) -> Response:
        """Answer a request to a route with this rule."""
        context = context_of(request)
        context.route = request.scope["route"].path
        self.admit(request, rule)
        if not rule.reads_store:
            return await handle(request)
        generation = self.store.current(with_personal=context.can_see_personal)
        if generation is None:
            detail = "The store is being built. Fill the lake with: shoplake run. Then try again."
            raise ProblemError(503, detail, {"Retry-After": "5"})
        context.generation, context.format = generation, choose_format(request)
        encoding = choose_encoding(request.headers.get("accept-encoding", ""))
        etag = _etag(request, context, encoding)
        context.headers |= {"ETag": etag, "Vary": VARY, "Cache-Control": "private, no-cache"}
        if rule.is_personal:
            self.record_personal(request, request.scope["path"])
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304)
        return await self._cached(request, context, etag, encoding, handle)

    def admit(self, connection: HTTPConnection, rule: Rule) -> None:
        """Check key or session, role, and rate limit. Raises ProblemError 401, 403 or 429."""
        context = context_of(connection)
        if connection.scope.get("method") not in SAFE_METHODS:
            check_origin(connection.headers)
        if rule.is_public:
            return
        began = time.perf_counter()
        context.access = access = self._authenticate(connection)
        context.time("auth", began)
        if not rule.allows(access.role):
            raise ProblemError(403, f"The role '{access.role.name}' may not use this route. Ask for another key.")
        allowance = self._limits.take(access.holder)
        context.headers["RateLimit-Policy"] = self._policy
        context.headers["RateLimit"] = f'"key";r={allowance.remaining};t={allowance.wait_s}'
        if not allowance.is_allowed:
            raise _too_many(allowance.wait_s)

    def _authenticate(self, connection: HTTPConnection) -> Access:
        address = connection.client.host if connection.client else ""
        if self._failures.is_empty(address):
            raise _too_many(1)
        scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
        if scheme:
            access = self.keys.authenticate(secret.strip()) if scheme.lower() == "bearer" else None
        else:
            session = connection.cookies.get(COOKIE)
            access = self.keys.find_session(session) if session else None
        if access is None:
            if scheme or COOKIE in connection.cookies:
                self._failures.take(address)
            raise ProblemError(401, UNAUTHORIZED, {"WWW-Authenticate": 'Bearer realm="shoplake"'})
        return access

    def identify(self, request: Request, find: Callable[[KeyStore], Access | None]) -> Access | None:
        """Return whom a login is of; each failure counts for its address. Raises ProblemError 429 after too many."""
        address = request.client.host if request.client else ""
        if self._failures.is_empty(address):
            raise _too_many(1)
        access = find(self.keys)
        if access is None:
            self._failures.take(address)
        return access

    def record_personal(self, request: Request, subject: str) -> None:
        """Record a look-up of personal data, whose answer is kept in no cache."""
        context = context_of(request)
        context.is_personal = True
        context.headers["Cache-Control"] = "no-store"
        if context.access is not None:
            self.audit.record(context.access, context.route, subject, context.request_id)

    async def _cached(
        self, request: Request, context: RequestContext, etag: str, encoding: str, handle: Handler
    ) -> Response:
        cache = self._cache_of(context)
        began = time.perf_counter()
        answer = None if context.is_personal else cache.get(etag)
        context.time("cache", began)
        if answer is not None:
            return Response(answer.body, headers=dict(answer.headers))
        response = await handle(request)
        if isinstance(response, StreamingResponse) or response.status_code != 200:
            return response
        response = compress(response, encoding)
        if not context.is_personal:
            headers = tuple((name, value) for name, value in response.headers.items() if name != "content-length")
            cache.put(etag, CachedAnswer(bytes(response.body), headers))
        return response

    def _cache_of(self, context: RequestContext) -> AnswerCache:
        assert context.generation is not None
        if context.generation.id != self._cached_generation:
            self._cache.clear()
            self._cached_generation = context.generation.id
        return self._cache


def _etag(request: Request, context: RequestContext, encoding: str) -> str:
    """Return a weak ETag of generation, role, route, canonical query, format and encoding."""
    assert context.generation is not None
    canonical = "&".join(sorted(request.scope["query_string"].decode("latin-1").split("&")))
    role = context.access.role.name if context.access else ""
    parts = (context.generation.id, role, request.scope["path"], canonical, context.format, encoding)
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f'W/"{digest[:32]}"'


def _too_many(wait_s: int) -> ProblemError:
    wait_s = max(1, wait_s)
    return ProblemError(429, f"Too many requests. Wait {wait_s} s.", {"Retry-After": str(wait_s)})
