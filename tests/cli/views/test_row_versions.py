import json

import pytest

from cli.conftest import shop_in

RECORD = {"op": "update", "sequence": 1, "customer_id": "C0000001", "changed_at": "2026-03-20T10:00:00Z"}
FEED = [
    RECORD | {"location": "Leeds", "phone": "123"},
    RECORD | {"op": "delete", "changed_at": "2026-03-21T10:00:00Z"},
    RECORD | {"op": "insert", "changed_at": "2026-03-25T10:00:00Z", "location": "York", "phone": "123"},
]


@pytest.fixture(scope="module")
def told(tmp_path_factory, shoplake):
    """The settings of a lake in which a customer has moved, gone and come back."""
    config = shop_in(tmp_path_factory.mktemp("shop"), shoplake)
    folder = config.parent / "landing" / "customer_changes"
    folder.mkdir()
    (folder / "moves.json").write_text("".join(json.dumps(record) + "\n" for record in FEED))
    assert shoplake("run", "--config", config).exit_code == 0
    return config


def asked(shoplake, config, table, key):
    return shoplake("history", table, key, "--config", config)


def test_a_keys_versions_come_oldest_first_with_what_changed(told, shoplake):
    said = json.loads(shoplake("history", "silver.customers", "C0000001", "--config", told, "--json").stdout)

    *_, moved, back = said["versions"]
    assert (said["table"], said["key"], said["value"]) == ("silver.customers", "customer_id", "C0000001")
    assert (moved["facts"]["location"], moved["is_return"], moved["is_current"]) == ("Leeds", False, False)
    assert {"location", "phone", "email"} <= set(moved["changed"])
    assert (back["facts"]["location"], back["changed"]) == ("York", ["location"])
    assert (back["is_return"], back["is_current"], back["valid_to"]) == (True, True, None)


def test_the_versions_are_shown_with_the_gap_in_which_there_was_none(told, shoplake, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    lines = asked(shoplake, told, "customers", "C0000001").stdout.splitlines()

    places = [at for at, line in enumerate(lines) if any(word in line for word in ("Leeds", "not there", "York"))]
    assert places == list(range(len(lines) - 3, len(lines)))
    assert "first known" in lines[2] and "2026-03-25 10:00:00 now" in lines[-1]


def test_a_key_that_is_not_there_is_told_with_some_that_are(told, shoplake):
    result = asked(shoplake, told, "silver.customers", "000002")

    assert result.exit_code == 1
    assert result.stderr.startswith(
        "Error: silver.customers has no customer_id '000002'. There are, for example: C0000"
    )


def test_a_table_that_keeps_no_history_is_told_with_those_that_do(told, shoplake):
    result = asked(shoplake, told, "gold.sales_daily", "x")

    assert result.exit_code == 1
    assert "gold.sales_daily keeps no history. Those that do: silver.customers, silver.products." in result.stderr
