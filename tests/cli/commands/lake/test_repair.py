import json

import pytest


def head(shop, table):
    return max((shop.parent / "lake" / table / "_delta_log").glob("*.json"))


@pytest.mark.slow
def test_a_table_whose_last_commit_is_empty_is_refused_then_repaired(shoplake, filled):
    counted = ("sql", "SELECT count(*) AS n FROM silver.events", "--format", "json", "--config", filled)
    before = shoplake(*counted).stdout
    head(filled, "silver/events").write_bytes(b"")

    for words in (counted, ("run", "--config", filled)):
        refused = shoplake(*words)
        assert refused.exit_code == 1
        assert "silver.events is damaged" in refused.stderr and "shoplake repair" in refused.stderr
    repaired = shoplake("repair", "--config", filled, "--json")

    assert repaired.exit_code == 0 and json.loads(repaired.stdout)["is_success"]
    assert shoplake(*counted).stdout == before
    assert shoplake("verify", "--config", filled).exit_code == 0


@pytest.mark.sample
def test_a_sound_lake_needs_no_repair(shoplake, lake):
    result = shoplake("repair", "--config", lake)

    assert (result.exit_code, result.stdout) == (0, "Nothing to repair.\n")


def test_a_lake_that_does_not_exist_yet_is_not_repaired(shoplake, tmp_path):
    config = tmp_path / "shoplake.toml"
    (tmp_path / "landing").mkdir()
    config.write_text(
        'lake = "lake"\n[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "UTC"\ncurrency = "GBP"\n'
    )

    result = shoplake("repair", "--config", config)

    assert result.exit_code == 1
    assert "does not exist" in result.stderr and "Create it: shoplake run" in result.stderr
    assert not (tmp_path / "lake" / "bronze").exists()
