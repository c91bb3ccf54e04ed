from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from shoplake.serve.app import create_app
from shoplake.serve.dashboard.charts.renderer import ChartRenderer
from shoplake.serve.dashboard.part import Dashboard
from shoplake.serve.keys.key_store import KeyStore
from shoplake.settings.serve_settings import ServeSettings
from tests.serve.answers.small_shop import MemoryGeneration, SmallShop
from tests.serve.fake_store import FakeStore

NOW = datetime(2026, 5, 2, 18, 0, tzinfo=UTC)
DRAWING = '<svg width="1" height="1"><path d="M0 0"/></svg>'


@pytest.fixture(scope="session")
def shop():
    return SmallShop()


@pytest.fixture(scope="session")
def generation(shop):
    return shop.generation()


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    return KeyStore(tmp_path_factory.mktemp("keys") / "keys.sqlite")


@pytest.fixture(scope="session")
def browse(keys):
    """Return a function that opens the dashboard over a generation for a role."""

    def browse(generation, role="admin"):
        dashboard = Dashboard({"shop": "Europe/London"}, ChartRenderer(lambda spec: DRAWING), lambda: NOW)
        settings = ServeSettings(requests_per_second=10_000)
        app = create_app(FakeStore(generation), keys, settings, [dashboard.part()])
        client = TestClient(app, base_url="http://127.0.0.1")
        if role is not None:
            client.headers["Authorization"] = f"Bearer {keys.create(role)[1]}"
        return client

    return browse


@pytest.fixture(scope="session")
def admin(browse, generation):
    return browse(generation)


@pytest.fixture(scope="session")
def empty():
    return MemoryGeneration()
