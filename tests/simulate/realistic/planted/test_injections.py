import csv

import pytest

from shoplake.simulate.realistic.planted.injections import INJECTIONS
from simulate.realistic.conftest import ARGUMENTS


@pytest.fixture(scope="module")
def attacked(realistic):
    """A shop whose texts are planted."""
    return realistic(features=("channels", "injections"))


def test_every_second_product_has_a_planted_name(attacked):
    names = attacked.rows("SELECT product_id, any_value(product_name) FROM products GROUP BY 1 ORDER BY 1")

    assert {name for _, name in names[1::2]} == set(INJECTIONS)
    assert not {name for _, name in names[::2]} & set(INJECTIONS)
    assert len(names) == ARGUMENTS["products"]


def test_campaigns_of_events_and_of_spend_are_planted(attacked):
    visited = {name for (name,) in attacked.rows("SELECT DISTINCT utm_campaign FROM events WHERE utm_campaign != ''")}
    files = (attacked.folder / "spend").iterdir()
    paid = {row["campaign"] for file in files for row in csv.DictReader(file.read_text().splitlines())}

    assert paid < visited < set(INJECTIONS)


def test_landing_pages_have_a_planted_parameter(attacked):
    lines = "".join(file.read_text() for file in (attacked.folder / "events").iterdir())

    assert "https://www.zenith-shop.example/?ref=<script>alert(1)</script>" in lines
    assert "/search?q=gift&ref=" in lines


def test_without_the_feature_no_text_is_planted(shop):
    lines = "".join(file.read_text() for stream in ("events", "spend") for file in (shop.folder / stream).iterdir())
    names = {name for (name,) in shop.rows("SELECT DISTINCT product_name FROM products")}

    assert [text for text in INJECTIONS if text in lines or text in names] == []
