"""A shop whose texts are attacks: from its files through the lake and the store to a browser and to files."""

import csv

import pytest

from shoplake import Lake
from shoplake.serve.dashboard.part import PAGES
from shoplake.simulate.realistic import generate_realistic
from shoplake.simulate.realistic.planted.injections import INJECTIONS
from tests.serve.dashboard.browser.conftest import HOST
from tools.screenshots import open_client

pytestmark = pytest.mark.slow  # builds a whole lake
SETTINGS = '[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "Europe/London"\ncurrency = "GBP"\n'
LISTS = ("products", "funnel_members", "product_views", "attribution?by=campaign", "customer_list")
PATHS = [*PAGES, "/journey?by=channel", "/products/P000002", *(f"/rows/{name}" for name in LISTS)]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """A client of the dashboard over a lake that is built of planted files."""
    folder = tmp_path_factory.mktemp("attacked")
    shop = {"orders": 240, "customers": 60, "products": 24, "days": 35}
    generate_realistic(folder / "landing", **shop, features=("channels", "injections"))
    config = folder / "shoplake.toml"
    config.write_text(SETTINGS)
    Lake.open(config).run()
    return open_client(config, str(folder / "serve"))


def test_planted_texts_are_shown_as_text_and_none_is_run(visit, attacked):
    shown = ""
    with visit(attacked) as page:
        for path in PATHS:
            page.goto(HOST + path)
            shown += page.locator("body").inner_text()

            assert (path, page.problems) == (path, [])

    assert [text for text in INJECTIONS if text not in shown] == []
    assert "/?ref=<script>alert(1)</script>" in shown


def test_planted_formulas_are_text_in_csv(attacked):
    lines = attacked.get("/v1/products?format=csv&limit=1000").text.splitlines()
    names = {row["product_name"] for row in csv.DictReader(lines)}

    assert {f"'{text}" for text in INJECTIONS if text[0] in "=+-@"} <= names
    assert [name for name in names if name[0] in "=+-@"] == []
