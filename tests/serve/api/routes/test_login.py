import pytest

from shoplake.serve.api.access.gate import COOKIE


@pytest.fixture
def fresh(own_site):
    return own_site()


def cookie_of(answer):
    return answer.headers["set-cookie"].split(";")[0].partition("=")[2]


def test_a_one_time_login_opens_a_session_and_leaves_the_address(fresh):
    token = fresh.keys.create_login("admin")
    answer = fresh.get(f"/login?token={token}")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {
        part.strip() for part in answer.headers["set-cookie"].split(";")
    }
    assert fresh.get("/v1/meta", headers={"Cookie": f"{COOKIE}={cookie_of(answer)}"}).status_code == 200
    assert fresh.get(f"/login?token={token}").status_code == 401


def test_a_key_opens_a_session(fresh):
    answer = fresh.request("POST", "/login", data={"key": fresh.secrets["analyst"]})

    assert answer.status_code == 303
    assert fresh.get("/v1/sql", headers={"Cookie": f"{COOKIE}={cookie_of(answer)}"}).status_code == 405


def test_a_wrong_key_opens_none_and_guessing_is_slowed_down(fresh, monkeypatch):
    monkeypatch.setattr(fresh.gate._failures, "_clock", lambda: 0.0)  # on a busy machine tokens come back meanwhile
    statuses = [fresh.request("POST", "/login", data={"key": "x"}).status_code for _ in range(25)]

    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert fresh.request("POST", "/login", data={"key": fresh.secrets["analyst"]}).status_code == 303


def test_a_login_ends_the_former_session(fresh):
    first = cookie_of(fresh.request("POST", "/login", data={"key": fresh.secrets["analyst"]}))
    headers = {"Cookie": f"{COOKIE}={first}"}
    second = cookie_of(fresh.request("POST", "/login", data={"key": fresh.secrets["analyst"]}, headers=headers))

    assert first != second
    assert fresh.get("/v1/meta", headers=headers).status_code == 401


def test_a_logout_ends_the_session(fresh):
    session = cookie_of(fresh.request("POST", "/login", data={"key": fresh.secrets["analyst"]}))
    headers = {"Cookie": f"{COOKIE}={session}"}

    assert fresh.request("POST", "/logout", headers=headers).status_code == 303
    assert fresh.get("/v1/meta", headers=headers).status_code == 401


@pytest.mark.parametrize("path", ["/login", "/logout"])
def test_a_page_of_another_site_logs_nobody_in_or_out(fresh, path):
    answer = fresh.request(
        "POST", path, data={"key": fresh.secrets["admin"]}, headers={"Origin": "https://evil.example"}
    )

    assert (answer.status_code, answer.headers.get("set-cookie")) == (403, None)


def test_a_large_form_is_refused(fresh):
    assert fresh.request("POST", "/login", data={"key": "x" * 10_000}).status_code == 413


def test_the_form_sends_the_key_in_the_body_only(fresh):
    page = fresh.get("/login").text

    assert '<form method="post" action="/login">' in page
    assert "<script" not in page
