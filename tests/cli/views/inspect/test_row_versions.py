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
def versioned(tmp_path_factory, shoplake_of_files):
    """The settings of a lake in which a customer moves, is deleted and exists again."""
    config = shop_in(tmp_path_factory.mktemp("shop"), shoplake_of_files)
    folder = config.parent / "landing" / "customer_changes"
    folder.mkdir()
    (folder / "moves.json").write_text("".join(json.dumps(record) + "\n" for record in FEED))
    assert shoplake_of_files("run", "--config", config).exit_code == 0
    return config


def versions(shoplake, config, table, key):
    return shoplake("versions", table, key, "--config", config)


def test_a_keys_versions_come_oldest_first_with_what_changed(versioned, shoplake_of_files):
    output = json.loads(
        shoplake_of_files("versions", "silver.customers", "C0000001", "--config", versioned, "--json").stdout
    )

    *_, moved, back = output["versions"]
    assert (output["table"], output["key"], output["value"]) == ("silver.customers", "customer_id", "C0000001")
    assert (moved["values"]["location"], moved["is_return"], moved["is_current"]) == ("Leeds", False, False)
    assert {"location", "phone", "email"} <= set(moved["changed"])
    assert (back["values"]["location"], back["changed"]) == ("York", ["location"])
    assert (back["is_return"], back["is_current"], back["valid_to"]) == (True, True, None)


def test_the_versions_are_shown_with_the_gap_of_a_deletion(versioned, shoplake_of_files, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    lines = versions(shoplake_of_files, versioned, "customers", "C0000001").stdout.splitlines()

    positions = [at for at, line in enumerate(lines) if any(word in line for word in ("Leeds", "deleted", "York"))]
    assert positions == list(range(len(lines) - 3, len(lines)))
    assert "from (UTC)" in lines[1] and "to (UTC)" in lines[1]
    assert "first version" in lines[2] and "2026-03-25 10:00:00 now" in lines[-1]


def test_an_unknown_key_is_answered_with_some_that_exist(versioned, shoplake_of_files):
    result = versions(shoplake_of_files, versioned, "silver.customers", "000002")

    assert result.exit_code == 1
    assert result.stderr.startswith(
        "Error: silver.customers has no customer_id '000002'. There are, for example: C0000"
    )


def test_a_table_without_versions_is_answered_with_those_that_have_some(versioned, shoplake):
    result = versions(shoplake, versioned, "gold.sales_daily", "x")

    assert result.exit_code == 1
    assert "gold.sales_daily keeps no history. Those that do: silver.customers, silver.products." in result.stderr
