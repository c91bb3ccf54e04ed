"""Refuses requests that another site's page sends: cross-site posts and foreign host names."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from shoplake.serve.api.problem import ProblemError

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def check_origin(headers: Headers) -> None:
    """Raise ProblemError 403 for a request that changes state and comes from a page of another site."""
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    is_hidden = origin == "null" and site == "same-origin"  # as of a form on a page that sends no referrer
    is_other_host = origin is not None and urlsplit(origin).netloc != headers.get("host")
    if site not in (None, "same-origin", "none") or (is_other_host and not is_hidden):
        raise ProblemError(403, "The request comes from a page of another site.")


def check_host(host: str, hosts: Collection[str]) -> None:
    """Raise ProblemError 400 unless the host that a request names is one of `hosts`, with any port."""
    name = host if host.endswith("]") else host.rsplit(":", 1)[0] if ":" in host else host
    if name.lower() not in hosts:
        detail = f"The server does not answer for the host '{name[:80]}'. Add it to trusted_hosts in [serve]."
        raise ProblemError(400, detail)
