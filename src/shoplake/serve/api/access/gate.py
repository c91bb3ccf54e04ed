"""The gate that every request passes: key or session, role, rate limit, ETag, cache; then the endpoint."""

import hashlib
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Scope

from shoplake.serve.api.access.limits import TokenBuckets
from shoplake.serve.api.access.parameter_names import check_names
from shoplake.serve.api.access.path_values import sent_path
from shoplake.serve.api.access.rules import Rule
from shoplake.serve.api.answer_cache import AnswerCache, CachedAnswer
from shoplake.serve.api.bytes_response import BytesResponse
from shoplake.serve.api.compression import compress
from shoplake.serve.api.context import RequestContext, context_of
from shoplake.serve.api.headers import find_header, has_header, read_headers
from shoplake.serve.api.media import choose_encoding, choose_format
from shoplake.serve.api.origin import check_origin
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.keys.access import Access
from shoplake.serve.keys.audit import AuditLog
from shoplake.serve.keys.key_store import KeyStore
from shoplake.serve.store.generation import Store
from shoplake.settings.serve_settings import ServeSettings

API = "/v1/"
"""Where the paths of routes begin whose parameters are all declared; pages read theirs themselves."""
COOKIE = "shoplake_session"
FAILURES_PER_S, FAILURE_BURST = 1.0, 20
BURST_S = 2
UNAUTHORIZED = "Send a valid key: Authorization: Bearer sl_live_…. Create one with: shoplake keys create"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
VARY = "Authorization, Cookie, Accept, Accept-Encoding"
NOT_MODIFIED = BytesResponse(b"", (), status_code=304)
ENCODED_VARY, REVALIDATE, NO_STORE = VARY.encode(), b"private, no-cache", b"no-store"
Handler = Callable[[Request], Awaitable[Response]]


class Gate:
    """Lets a request through to its endpoint, answers it from the cache, or raises ProblemError."""

    def __init__(self, store: Store, keys: KeyStore, settings: ServeSettings) -> None:
        self.store, self.keys, self.audit = store, keys, AuditLog(keys.database)
        rate = settings.requests_per_second / settings.workers
        self._limits = TokenBuckets(rate, max(1.0, rate * BURST_S))
        self._failures = TokenBuckets(FAILURES_PER_S, FAILURE_BURST)
        self._cache, self._cached_generation = AnswerCache(), ""
        self._policy = f'"key";q={settings.requests_per_second * BURST_S};w={BURST_S}'.encode()

    async def answer(self, request: Request, rule: Rule, handle: Handler) -> Response:
        """Answer a request to a route with this rule."""
        context = context_of(request)
        known = self.find_answer(request, rule, context)
        return self.finish(await handle(request), context) if known is None else known

    def find_answer(self, request: Request, rule: Rule, context: RequestContext) -> Response | None:
        """Let a request in, and return its answer if nothing is to be computed: 304, or one from the cache.

        A request that is in already is not checked again. Raises ProblemError.
        """
        if context.etag:
            return None
        scope, received = request.scope, read_headers(request.scope)
        context.route = scope["route"].path
        self.admit(request, rule, context)
        if not rule.reads_store:
            return None
        if scope["path"].startswith(API):
            check_names(scope["route"].names, scope["query_string"])
        generation = self.store.current(with_personal=context.can_see_personal)
        if generation is None:
            detail = "The store is being built. Fill the lake with: shoplake run. Then try again."
            raise ProblemError(503, detail, {"Retry-After": "5"})
        context.generation, context.format = generation, choose_format(request)
        context.encoding = choose_encoding(find_header(scope, b"accept-encoding"))
        context.etag = etag = self._etag(scope, context)
        headers = context.headers
        headers[b"etag"], headers[b"vary"], headers[b"cache-control"] = etag.encode(), ENCODED_VARY, REVALIDATE
        if rule.is_personal:
            self._record_personal(context, sent_path(scope))
        if headers[b"etag"] in received.get(b"if-none-match", b""):
            return NOT_MODIFIED
        return None if context.is_personal else self._find_cached(context)

    def admit(self, connection: HTTPConnection, rule: Rule, context: RequestContext) -> None:
        """Check key or session, role, and rate limit. Raises ProblemError 401, 403 or 429."""
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
        context.headers[b"ratelimit-policy"] = self._policy
        context.headers[b"ratelimit"] = b'"key";r=%d;t=%d' % (allowance.remaining, allowance.wait_s)
        if not allowance.is_allowed:
            raise _too_many(allowance.wait_s)

    def _authenticate(self, connection: HTTPConnection) -> Access:
        client = connection.scope.get("client")
        address = client[0] if client else ""
        scheme, _, secret = find_header(connection.scope, b"authorization").partition(" ")
        if scheme:
            access = self.keys.authenticate(secret.strip()) if scheme.lower() == "bearer" else None
        else:
            session = connection.cookies.get(COOKIE) if has_header(connection.scope, b"cookie") else None
            access = self.keys.find_session(session) if session else None
        if access is None:
            if scheme or COOKIE in connection.cookies:
                self._count_failure(address)
            raise ProblemError(401, UNAUTHORIZED, {"WWW-Authenticate": 'Bearer realm="shoplake"'})
        return access

    def identify(self, request: Request, find: Callable[[KeyStore], Access | None]) -> Access | None:
        """Return whom a login is of; each failure counts for its address. Raises ProblemError 429 after too many."""
        access = find(self.keys)
        if access is None:
            self._count_failure(request.client.host if request.client else "")
        return access

    def _count_failure(self, address: str) -> None:
        """Raise ProblemError 429 for an address that keeps failing; behind a proxy that is everybody's.

        So who has a valid key or session is let in all the same: these are 256 random bits, which nobody guesses.
        """
        if not self._failures.take(address).is_allowed:
            raise _too_many(1)

    def record_personal(self, request: Request, subject: str) -> None:
        """Record a look-up of personal data, whose answer is kept in no cache."""
        self._record_personal(context_of(request), subject)

    def _record_personal(self, context: RequestContext, subject: str) -> None:
        context.is_personal = True
        context.headers[b"cache-control"] = NO_STORE
        if context.access is not None:
            self.audit.record(context.access, context.route, subject, context.request_id)

    def _find_cached(self, context: RequestContext) -> Response | None:
        began = time.perf_counter()
        answer = self._cache_of(context).get(context.etag)
        context.time("cache", began)
        return None if answer is None else BytesResponse(answer.body, answer.headers)

    def finish(self, response: Response, context: RequestContext) -> Response:
        """Return the endpoint's answer to a request that is in, compressed; one that is not personal is kept."""
        is_whole = response.status_code == 200 and not isinstance(response, StreamingResponse)
        if not context.etag or not is_whole:
            return response
        response = compress(response, context.encoding)
        if not context.is_personal:
            known = CachedAnswer(bytes(response.body), tuple(response.raw_headers))
            self._cache_of(context).put(context.etag, known)
        return response

    def _etag(self, scope: Scope, context: RequestContext) -> str:
        """Return a weak ETag of generation, role, route, canonical query, format and encoding.

        Nobody else can make it: who has it got it with an answer, and no error is taken for one that is unchanged.
        """
        assert context.generation is not None
        role = context.access.role.name if context.access else ""
        query = _canonical(scope["query_string"])
        parts = (context.generation.id, role, scope["path"], query, context.format, context.encoding)
        digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=16, key=self.keys.signing_secret)
        return f'W/"{digest.hexdigest()}"'

    def _cache_of(self, context: RequestContext) -> AnswerCache:
        assert context.generation is not None
        if context.generation.id != self._cached_generation:
            self._cache.clear()
            self._cached_generation = context.generation.id
        return self._cache


@lru_cache(1024)
def _canonical(query: bytes) -> str:
    """Return a query with its parameters by name."""
    text = query.decode("latin-1")
    return "&".join(sorted(text.split("&"), key=_parameter_name)) if "&" in text else text


def _parameter_name(part: str) -> str:
    """Return the name in `name=value`; values of one name keep their order, in which the last one counts."""
    return part.partition("=")[0]


def _too_many(wait_s: int) -> ProblemError:
    wait_s = max(1, wait_s)
    return ProblemError(429, f"Too many requests. Wait {wait_s} s.", {"Retry-After": str(wait_s)})
