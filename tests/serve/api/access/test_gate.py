import hashlib
import re
from dataclasses import replace

import pytest

from shoplake.serve.api.short_path import ShortPath
from shoplake.serve.keys.secret import create_secret
from tests.serve.conftest import UNLIMITED, Site, small_generations
from tests.serve.fake_store import FakeStore

SALES = "/v1/tables/gold.sales_daily"
PEOPLE = "/v1/tables/gold.customer_360"


def test_unknown_revoked_and_absent_keys_get_the_same_answer(own_site):
    site = own_site()
    key, revoked = site.keys.create("admin")
    site.keys.revoke(key.id)

    answers = [
        site.get(SALES, headers={"Authorization": text} if text else {})
        for text in (f"Bearer {create_secret()}", f"Bearer {revoked}", "Bearer nonsense", "Basic eDp5", None)
    ]

    assert {(each.status_code, each.text, each.headers["www-authenticate"]) for each in answers} == {
        (401, answers[0].text, 'Bearer realm="shoplake"')
    }


def test_the_etag_ends_a_request_before_the_store_is_read(own_site):
    site = own_site()
    etag = site.get(SALES, "analyst").headers["etag"]
    site.store.generation.connection.close()

    answer = site.get(SALES, "analyst", headers={"If-None-Match": etag})

    assert (answer.status_code, answer.content) == (304, b"")


def test_the_etag_differs_by_role_query_format_and_generation(own_site):
    site = own_site()
    etags = [site.get(SALES, "analyst").headers["etag"], site.get(SALES, "admin").headers["etag"]]
    etags += [site.get(f"{SALES}?{query}", "analyst").headers["etag"] for query in ("limit=1", "format=csv")]
    site.store.generation.id = "g2"
    etags.append(site.get(SALES, "analyst").headers["etag"])

    assert len(set(etags)) == 5


REFUSED = ["/v1/customers/C9/360?feed=shop", f"{SALES}?select=nothing", "/v1/tables/gold.nothing"]


@pytest.mark.parametrize("is_short", [True, False], ids=["short path", "framework"])
@pytest.mark.parametrize("path", REFUSED)
def test_an_error_has_no_etag(site, monkeypatch, path, is_short):
    if not is_short:
        monkeypatch.setattr(ShortPath, "find_route", lambda self, scope: None)
    answer = site.get(path, "service")

    assert answer.status_code in (404, 422)
    assert "etag" not in answer.headers


def test_an_etag_that_no_answer_had_cannot_be_made(own_site):
    site = own_site()
    path, query, generation = "/v1/customers/C9/360", "feed=shop", site.store.personal.id
    made = hashlib.sha256("\0".join((generation, "service", path, query, "json", "")).encode()).hexdigest()[:32]
    headers = {"If-None-Match": f'W/"{made}"', "Accept-Encoding": "identity"}

    assert site.get(f"{path}?{query}", "service", headers=headers).status_code == 404


def test_etags_outlive_a_restart(tmp_path):
    etags = [Site(tmp_path, FakeStore(*small_generations())).get(SALES, "analyst").headers["etag"] for _ in range(2)]

    assert etags[0] == etags[1]


def test_the_order_of_parameters_does_not_matter_to_the_etag(site):
    one, other = (site.get(f"{SALES}?{query}", "analyst") for query in ("limit=1&format=json", "format=json&limit=1"))

    assert one.headers["etag"] == other.headers["etag"]


def test_the_order_of_values_of_one_parameter_matters_to_the_etag(site):
    filters = [f"filter=sales_date:{each}" for each in ("gte:2026-03-01", "lt:2026-03-09")]
    one, other = (site.get(f"{SALES}?{'&'.join(each)}", "analyst") for each in (filters, filters[::-1]))

    assert (one.status_code, other.status_code) == (200, 200)
    assert one.headers["etag"] != other.headers["etag"]


def test_an_answer_is_cached_until_the_generation_changes(own_site):
    site = own_site()
    first = site.get(SALES, "analyst").json()
    site.store.generation.connection.close()
    assert site.get(SALES, "analyst").json() == first

    site.store.generation = small_generations("g2")[0]
    assert site.get(SALES, "analyst").json()["meta"]["generation"] == "g2"


def test_an_answer_of_one_role_is_never_given_to_another(own_site):
    site = own_site()
    seen = site.get(f"{PEOPLE}?select=customer_id,email", "admin")
    site.get(PEOPLE, "admin")

    assert seen.status_code == 200
    assert site.get(f"{PEOPLE}?select=customer_id,email", "analyst").status_code == 422
    assert "@" not in site.get(PEOPLE, "analyst").text


def test_personal_answers_are_stored_nowhere_and_audited(own_site):
    site = own_site()
    answers = [site.get("/v1/customers/C1/360?feed=shop", "service"), site.get(PEOPLE, "admin")]

    assert {each.headers["cache-control"] for each in answers} == {"no-store"}
    assert [(each.role, each.subject) for each in site.gate.audit.read()] == [
        ("service", "/v1/customers/C1/360"),
        ("admin", "gold.customer_360"),
    ]


def test_a_key_has_a_rate_and_is_told_of_it(own_site, monkeypatch):
    site = own_site(replace(UNLIMITED, requests_per_second=1))
    monkeypatch.setattr(site.gate._limits, "_clock", lambda: 0.0)  # on a busy machine tokens come back meanwhile
    answers = [site.get("/v1/meta", "analyst") for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"key";q=2;w=2'
    assert re.fullmatch(r'"key";r=0;t=\d', answers[2].headers["ratelimit"])
    assert int(answers[2].headers["retry-after"]) >= 1
    assert site.get("/v1/meta", "admin").status_code == 200


def test_an_address_that_keeps_failing_is_slowed_down_but_for_those_with_a_valid_key(own_site, monkeypatch):
    site = own_site()
    monkeypatch.setattr(site.gate._failures, "_clock", lambda: 0.0)  # as above
    statuses = [site.get("/v1/meta", headers={"Authorization": "Bearer x"}).status_code for _ in range(25)]

    assert statuses[:20] == [401] * 20
    assert statuses[-1] == 429
    assert site.get("/v1/meta", "analyst").status_code == 200  # behind a proxy all have one address


def test_without_a_generation_the_answer_says_when_to_try_again(own_site):
    answer = own_site(store=FakeStore()).get(SALES, "analyst")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_foreign_page_changes_nothing(site, method):
    answer = site.request(method, "/v1/sql", "admin", headers={"Sec-Fetch-Site": "cross-site"}, json={"query": "x"})

    assert answer.status_code == (403 if method == "POST" else 405)


def test_a_body_is_compressed_and_its_etag_is_its_own(own_site):
    site = own_site(store=FakeStore(*small_generations(days=20)))
    plain, packed = (site.get(SALES, "analyst", headers={"Accept-Encoding": each}) for each in ("identity", "gzip"))

    assert packed.headers.get("content-encoding") == "gzip"
    assert packed.json() == plain.json()
    assert packed.headers["etag"] != plain.headers["etag"]
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
