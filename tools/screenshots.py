"""Writes pictures of the dashboard's pages over a lake: wide and narrow, light and dark."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from shoplake.lake import Lake
from shoplake.serve.app import create_app
from shoplake.serve.dashboard.charts.renderer import ChartRenderer, render_spec
from shoplake.serve.dashboard.part import PAGES, Dashboard
from shoplake.serve.keys.key_store import open_keys
from shoplake.serve.store.builder import build_store
from shoplake.serve.store.reader import StoreReader

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

FOLDER = Path(__file__).parents[1] / "docs" / "images" / "dashboard"
HOST = "http://127.0.0.1:8321"
SIZES = {"wide": (1280, 860), "narrow": (390, 844)}
SCHEMES = ("light", "dark")
MAX_BYTES = 180_000
TIMEOUT_S = 300


def open_client(config: Path, folder: str) -> TestClient:
    """Return a client of the dashboard over the lake of a settings file; store and keys lie in `folder`."""
    lake = Lake.open(config)
    lake = Lake(replace(lake.settings, serve=replace(lake.settings.serve, folder=folder)))
    settings = replace(lake.settings.serve, requests_per_second=10_000)
    as_of = build_store(lake).pointer.as_of
    store, keys = (
        StoreReader(settings.store_folder(lake.settings.lake), lake.catalog.ordered, settings),
        open_keys(settings),
    )
    store.refresh()
    zones = {feed.name: feed.timezone for feed in lake.settings.feeds}
    dashboard = Dashboard(zones, ChartRenderer(render_spec), lambda: as_of + timedelta(hours=1))
    client = TestClient(create_app(store, keys, settings, [dashboard.part()]), base_url=HOST)
    client.headers["Authorization"] = f"Bearer {keys.create('admin')[1]}"
    return client


def take_pictures(browser: Browser, client: TestClient, folder: Path) -> list[Path]:
    """Write a picture of the first screen of each page, size and colour scheme; return their paths."""
    written = []
    for size, (width, height) in SIZES.items():
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
                locale="en-GB",
            )
            context.route("**/*", lambda route: _answer(route, client))
            page = context.new_page()
            page.set_default_timeout(TIMEOUT_S * 1000)
            for path in PAGES:
                page.goto(HOST + path)
                written.append(folder / f"{path.strip('/') or 'overview'}-{size}-{scheme}.png")
                page.screenshot(path=written[-1])
            context.close()
    return written


def _answer(route: Route, client: TestClient) -> None:
    response = client.get(route.request.url.removeprefix(HOST), headers={"Accept-Encoding": "identity"})
    route.fulfill(status=response.status_code, headers=dict(response.headers), body=response.content)


def main(config: Path) -> int:
    """Write all pictures; return 1 where Chromium is missing or a picture is too large."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.stderr.write("There is no Chromium on PATH. Debian: apt install chromium\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        written = take_pictures(browser, open_client(config, folder), FOLDER)
        browser.close()
    large = [path.name for path in written if path.stat().st_size > MAX_BYTES]
    sys.stdout.write(f"{len(written)} pictures in {FOLDER}. {f'Too large: {large}' if large else ''}\n")
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
