import json

import pytest

ORDER = {"order_id": "o1", "ordered_at": "2026-03-01T09:30:00Z", "currency": "GBP"}
LINE = {"line_number": 1, "product_id": "p1", "quantity": 2, "unit_price": 9.99}


@pytest.fixture
def orders(tmp_path):
    """Write a file of orders with those lines."""

    def write(*lines):
        path = tmp_path / "orders/a.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            "".join(json.dumps(ORDER | {"order_id": f"o{n}", "lines": [line]}) + "\n" for n, line in enumerate(lines))
        )
        return path

    return write


def test_valid_files_end_with_exit_code_0(shoplake, orders):
    result = shoplake("validate", orders(LINE))

    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "1 file, 1 record. Nothing would be quarantined.")


def test_an_invalid_record_is_named_with_its_reason_and_ends_with_exit_code_1(shoplake, orders):
    result = shoplake("validate", orders(LINE, LINE | {"quantity": -1}))

    assert result.exit_code == 1
    assert "silver.order_lines: 1 valid, 1 quarantined" in result.stdout
    assert "  quantity_fits_kind: 1 row\n    orders/a.json:2  {" in result.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--kind", "zenit"], "Unknown feed kind 'zenit'. Did you mean 'zenith'?"),
        (["--timezone", "Europe/Lundon"], "Unknown time zone 'Europe/Lundon'. Did you mean 'Europe/London'?"),
    ],
)
def test_an_unknown_option_value_names_the_nearest(shoplake, orders, options, message):
    result = shoplake("validate", orders(LINE), *options)

    assert result.exit_code != 0
    assert message in result.stderr


STALL = """
from dataclasses import replace

from shoplake.feeds import ZENITH

STALL = replace(ZENITH, name="stall")
"""
RULES = """
from shoplake.declare import expect, extend

lines = extend("silver.order_lines", expectations=[expect("single_pieces", "quantity = 1")])
"""


@pytest.mark.slow
def test_a_kind_and_the_rules_of_the_project_apply(shoplake, orders, shop):
    for name, text in {"feeds/stall.py": STALL, "rules.py": RULES}.items():
        (shop.parent / name).parent.mkdir(exist_ok=True)
        (shop.parent / name).write_text(text)

    result = shoplake("validate", orders(LINE), "--kind", "stall", "--config", shop)

    assert (result.exit_code, result.stderr) == (1, "")
    assert "  single_pieces: 1 row\n    orders/a.json:1  {" in result.stdout


def test_a_feed_that_a_run_would_not_accept_is_not_validated(shoplake, orders, shop):
    shop.write_text(shop.read_text().replace('"zenith"', '"zenit"'))

    result = shoplake("validate", orders(LINE), "--feed", "shop", "--config", shop)

    assert result.exit_code != 0
    assert "feeds.shop.kind = 'zenit'. Did you mean 'zenith'?" in result.stderr


@pytest.mark.slow
def test_a_feed_of_the_settings_has_its_own_kind(shoplake, orders, shop):
    result = shoplake("validate", orders(LINE), "--feed", "shop", "--config", shop)
    unknown = shoplake("validate", orders(LINE), "--feed", "shpo", "--config", shop)

    assert (result.exit_code, result.stderr) == (0, "")
    assert "Unknown feed 'shpo'" in unknown.stderr
    assert "Did you mean 'shop'?" in unknown.stderr


STALL_FEED = """
[feeds.stall]
kind = "online_retail"
path = "{folder}"
timezone = "Europe/London"
currency = "GBP"
"""


def test_files_are_of_the_only_feed_of_the_settings(shoplake, orders, shop):
    shop.write_text(shop.read_text().replace('"zenith"', '"online_retail"'))

    result = shoplake("validate", orders(LINE), "--config", shop)

    assert "belongs to no stream of the kind 'online_retail'" in result.stderr


def test_of_several_feeds_files_are_of_that_in_whose_folder_they_lie(shoplake, orders, shop, tmp_path):
    file = orders(LINE)
    shop.write_text(shop.read_text() + STALL_FEED.format(folder=file.parent))

    result = shoplake("validate", file, "--config", shop)

    assert "belongs to no stream of the kind 'online_retail'" in result.stderr


def test_a_named_kind_is_not_that_of_the_settings(shoplake, orders, shop):
    shop.write_text(shop.read_text().replace('"zenith"', '"online_retail"'))

    result = shoplake("validate", orders(LINE), "--kind", "zenith", "--config", shop)

    assert (result.exit_code, result.stderr) == (0, "")
