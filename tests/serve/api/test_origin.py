import pytest
from starlette.datastructures import Headers

from shoplake.serve.api.origin import check_host, check_origin
from shoplake.serve.api.problem import ProblemError

HOST = {"host": "127.0.0.1:8321"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:8321"},
        {"sec-fetch-site": "none"},
        {"origin": "http://127.0.0.1:8321"},
        {"sec-fetch-site": "same-origin", "origin": "null"},  # a form on a page with the policy no-referrer
    ],
)
def test_own_pages_and_programs_may_post(headers):
    check_origin(Headers(HOST | headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "origin": "null"},
        {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
    ],
)
def test_pages_of_other_sites_may_not(headers):
    with pytest.raises(ProblemError) as raised:
        check_origin(Headers(HOST | headers))

    assert raised.value.status == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8321", "LOCALHOST:1", "[::1]:8321", "[::1]"])
def test_known_hosts_are_answered(host):
    check_host(host, ("127.0.0.1", "localhost", "[::1]"))


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8321", ""])
def test_a_name_that_was_rebound_is_refused(host):
    with pytest.raises(ProblemError) as raised:
        check_host(host, ("127.0.0.1", "localhost"))

    assert raised.value.status == 400
