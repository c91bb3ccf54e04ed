"""Attacks on the whole application: every route of every part, with what no answer may have or lack."""

import logging
from types import SimpleNamespace

import pytest
from starlette.routing import Mount

from shoplake.serve.api.middleware import SECURITY_HEADERS
from shoplake.serve.parts import load_parts
from tests.serve.answers.small_shop import SmallShop
from tests.serve.conftest import Site
from tests.serve.fake_store import FakeStore
from tests.serve.small_lake import SmallLake

pytestmark = pytest.mark.slow
CANARY = "canary-4f1c9a"


@pytest.fixture(scope="module")
def secrets():
    """Secrets in the environment that a server may have."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_SECRET_ACCESS_KEY", "SHOPLAKE_TOKEN", "DATABASE_PASSWORD"):
            patch.setenv(name, CANARY)
        yield


@pytest.fixture(scope="module")
def whole_site(tmp_path_factory, secrets):
    """The application with all of its parts."""
    lake = SmallLake(tmp_path_factory.mktemp("lake"))
    lake.settings.feeds = (SimpleNamespace(name="shop", timezone="Europe/London"),)
    return Site(tmp_path_factory.mktemp("site"), FakeStore(SmallShop().generation()), parts=load_parts(lake, b"secret"))


@pytest.fixture(scope="module")
def answers(whole_site):
    """The answer of every route, by path and role, and what was logged meanwhile."""
    log = logging.getLogger("shoplake")
    records, handler = [], logging.Handler()
    handler.emit = records.append
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    found = {}
    for route in whole_site.app.routes:
        method = "GET" if isinstance(route, Mount) or "GET" in route.methods else sorted(route.methods)[0]
        path = route.path.replace("{", "").replace("}", "") + ("/" if isinstance(route, Mount) else "")
        if path.startswith("/scripts/"):
            continue
        for role in (None,) if isinstance(route, Mount) else (None, "admin"):
            found[path, role] = whole_site.request(method, path, role)
    log.removeHandler(handler)
    log.setLevel(level)
    return found, [record.getMessage() for record in records]


def test_no_answer_lacks_a_security_header(answers):
    lacking = [
        (path, role, name)
        for (path, role), answer in answers[0].items()
        for name, value in SECURITY_HEADERS.items()
        if answer.headers.get(name) != value
    ]

    assert lacking == []


def test_no_answer_and_no_record_has_a_secret_of_the_environment_or_of_a_key(whole_site, answers):
    found, records = answers
    hidden = [CANARY, *whole_site.secrets.values(), whole_site.keys.signing_secret.hex()]
    texts = [*(answer.text + str(answer.headers) for answer in found.values()), *records]

    assert len(records) > 100
    assert [text[:80] for text in texts if any(secret in text for secret in hidden)] == []


def test_no_answer_allows_the_page_of_another_site_to_read_it(answers):
    allowing = [key for key, answer in answers[0].items() if "access-control-allow-origin" in answer.headers]

    assert allowing == []


def test_no_answer_shows_a_traceback_or_a_path_of_the_server(answers):
    telling = [
        key for key, answer in answers[0].items() if "Traceback" in answer.text or "/site-packages/" in answer.text
    ]

    assert telling == []
