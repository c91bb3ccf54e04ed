"""A real browser over the application: requests are answered by it without a port, with its own headers."""

import shutil
from contextlib import contextmanager

import pytest
from starlette.testclient import TestClient

from shoplake.serve.app import create_app
from shoplake.serve.dashboard.charts.renderer import ChartRenderer, render_spec
from shoplake.serve.dashboard.part import Dashboard
from shoplake.settings.serve_settings import ServeSettings
from tests.serve.dashboard.conftest import NOW
from tests.serve.fake_store import FakeStore

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
HOST = "http://127.0.0.1:8321"


@pytest.fixture(scope="package")
def chromium():
    """Chromium from the system's packages, started once; its event loop ends with the tests of this folder."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on PATH; Debian: apt install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def serve(keys):
    """Return a function that returns a client of the application over a generation, with real charts."""

    def serve(generation, role="admin", renderer=None):
        dashboard = Dashboard({"shop": "Europe/London"}, renderer or ChartRenderer(render_spec), lambda: NOW)
        app = create_app(FakeStore(generation), keys, ServeSettings(requests_per_second=10_000), [dashboard.part()])
        client = TestClient(app, base_url=HOST, follow_redirects=False)
        client.headers["Authorization"] = f"Bearer {keys.create(role)[1]}"
        return client

    return serve


@pytest.fixture(scope="package")
def shop_client(serve, generation):
    return serve(generation)


@pytest.fixture(scope="package")
def visit(chromium, shop_client):
    """Return a context manager that opens a page of the browser; `problems` are what its console reports."""

    @contextmanager
    def visit(client=shop_client, **options):
        context = chromium.new_context(**options)

        def answer(route):
            request = route.request
            address = request.url.removeprefix(HOST)
            response = client.request(request.method, address, headers={"Accept-Encoding": "identity"})
            route.fulfill(status=response.status_code, headers=dict(response.headers), body=response.content)

        context.route("**/*", answer)
        page = context.new_page()
        page.problems = []
        page.on("console", lambda message: page.problems.append(message.text))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("dialog", lambda dialog: page.problems.append(dialog.message))
        yield page
        context.close()

    return visit
