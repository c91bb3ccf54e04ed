import asyncio
import logging

import pytest

CANARY = "canary-in-an-exception"


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/nothing", 404, "No route has this path"),
        ("/v1/tables/gold.sales_daly", 404, "Did you mean 'gold.sales_daily'?"),
        ("/v1/tables/gold.sales_daily?limit=0", 422, "limit: "),
        ("/v1/tables/gold.sales_daily?limit=ten", 422, "limit: "),
    ],
)
def test_an_error_is_a_problem_document_that_says_what_is_wrong(site, path, status, detail):
    answer = site.get(path, "admin")

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert detail in answer.json()["detail"]


def test_a_method_that_a_route_does_not_take_is_named(site):
    assert site.request("DELETE", "/v1/meta", "admin").json()["title"] == "Method not allowed"


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("application/json", b'{"query": "SEL'),
        ("application/json", b'{"query": "\xff"}'),
        ("application/json", b"[" * 100_000),
        ("application/json", b"[1]"),
        ("application/json", b""),
        ("text/plain", b'{"query": "SELECT 1"}'),
        ("application/x-www-form-urlencoded", b'{"query": "SELECT 1"}'),
    ],
)
def test_a_body_that_is_no_json_object_is_told_how_to_be_sent(site, media, body):
    answer = site.request("POST", "/v1/sql", "admin", content=body, headers={"Content-Type": media})

    assert answer.status_code == 422
    assert "one JSON object, in UTF-8: send it with Content-Type: application/json" in answer.json()["detail"]


def test_a_body_that_is_cut_off_is_no_bug(site, caplog):
    messages = [{"type": "http.request", "body": b"token=", "more_body": True}, {"type": "http.disconnect"}]
    sent = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/x-www-form-urlencoded")]
    scope = {"type": "http", "method": "POST", "path": "/login", "raw_path": b"/login", "headers": headers}
    scope |= {"query_string": b"", "scheme": "http", "http_version": "1.1", "client": ("127.0.0.1", 1)}
    asyncio.run(site.app(scope | {"root_path": "", "server": ("127.0.0.1", 80)}, receive, send))

    assert sent[0]["status"] == 422 and "ERROR" not in {each.levelname for each in caplog.records}


def test_a_bug_shows_its_request_id_and_nothing_else(own_site, caplog):
    site = own_site()

    def fail(*_):
        raise RuntimeError(CANARY)

    site.store.generation.query = site.store.personal.query = fail
    with caplog.at_level(logging.ERROR, "shoplake.serve"):
        answer = site.get("/v1/tables/gold.sales_daily", "admin")

    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert CANARY not in answer.text
    assert CANARY in caplog.text
