import logging

import pytest

from shoplake.serve.api.middleware import SECURITY_HEADERS

PATHS = ["/healthz", "/v1/meta", "/nothing", "/login", "/docs"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_security_headers(site, path):
    answer = site.get(path)

    assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS


@pytest.mark.parametrize("path", PATHS)
def test_a_foreign_host_gets_no_answer(site, path):
    answer = site.get(path, "admin", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_every_answer_has_an_id_and_its_timings(site):
    one, other = (site.get("/v1/tables/gold.sales_daily?limit=3", "analyst") for _ in range(2))

    assert one.headers["x-request-id"] != other.headers["x-request-id"]
    assert {each.split(";")[0].strip() for each in one.headers["server-timing"].split(",")} >= {
        "auth",
        "cache",
        "total",
    }


def test_the_log_has_holder_and_request_but_no_secret(site, caplog):
    with caplog.at_level(logging.INFO, "shoplake.serve"):
        site.get("/login?token=canary-token")
        answer = site.get("/v1/meta", "analyst", headers={"X-Canary": "canary-header"})

    assert f"request_id={answer.headers['x-request-id']}" in caplog.text
    assert "path=/v1/meta status=200" in caplog.text
    assert "canary" not in caplog.text
    assert site.secrets["analyst"] not in caplog.text
