from __future__ import annotations

import pytest
from anyio.from_thread import start_blocking_portal
from starlette.testclient import TestClient

from shoplake.serve.app import create_app
from shoplake.serve.keys.key_store import KeyStore
from shoplake.settings.serve_settings import ServeSettings
from tests.serve.answers.small_shop import SmallShop
from tests.serve.fake_store import FakeGeneration, FakeStore
from tests.serve.small_lake import CUSTOMERS, SALES, customer, sale

HOST = "http://127.0.0.1"
UNLIMITED = ServeSettings(requests_per_second=1_000_000)


class Site:
    """An application over a store, with a key for each role; with a portal all requests have one event loop."""

    def __init__(self, folder, store, settings=UNLIMITED, parts=(), portal=None):
        self.keys, self.store = KeyStore(folder / "keys.sqlite"), store
        self.app = create_app(store, self.keys, settings, parts)
        self.secrets = {role: self.keys.create(role)[1] for role in ("analyst", "service", "admin")}
        self.client = TestClient(self.app, base_url=HOST, raise_server_exceptions=False, follow_redirects=False)
        self.client.portal = portal

    def request(self, method, path, role=None, headers=None, **options):
        bearer = {"Authorization": f"Bearer {self.secrets[role]}"} if role else {}
        self.client.cookies.clear()
        return self.client.request(method, path, headers=bearer | (headers or {}), **options)

    def get(self, path, role=None, **options):
        return self.request("GET", path, role, **options)

    @property
    def gate(self):
        return self.app.state.gate


def small_generations(id="g1", days=0):
    """Two tables, without and with personal columns; sales of three days and `days` more."""
    sales = [sale(day, f"{day}0.00", note) for day, note in ((1, None), (2, "=1+1"), (3, "naïve"))]
    sales += [sale(day, "1.00") for day in range(4, 4 + days)]
    documents = {("gold.customer_360", ("shop", "C1")): {"customer_id": "C1", "orders": 1}}
    rows = {SALES: sales, CUSTOMERS: [customer("C1"), customer("C2")]}
    return [FakeGeneration(id, rows=rows, documents=documents, with_personal=each) for each in (False, True)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Two small tables."""
    with start_blocking_portal() as portal:
        yield Site(tmp_path_factory.mktemp("site"), FakeStore(*small_generations()), portal=portal)


@pytest.fixture(scope="module")
def shop_site(tmp_path_factory):
    """The declared tables of a small shop, without personal columns hidden."""
    with start_blocking_portal() as portal:
        yield Site(tmp_path_factory.mktemp("site"), FakeStore(SmallShop().generation()), portal=portal)


@pytest.fixture
def own_site(tmp_path):
    """Makes a site of a test's own."""
    return lambda settings=UNLIMITED, parts=(), store=None: Site(
        tmp_path, store or FakeStore(*small_generations()), settings, parts
    )
